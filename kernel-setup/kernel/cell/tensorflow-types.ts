import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "fs";
import * as path from "path";
import type * as tsTypes from "typescript";
import { bundleDeclarations } from "./ambient-bundle";
import { log } from "../shared/log";

type TypeScript = typeof tsTypes;

/** Those that `@tensorflow/tfjs` consists of. */
const PACKAGES = [
  "tfjs",
  "tfjs-core",
  "tfjs-layers",
  "tfjs-data",
  "tfjs-converter",
  "tfjs-backend-cpu",
  "tfjs-backend-webgl",
];
/** To be raised when the bundle is made in another way. */
const FORMAT = 1;

/**
 * TensorFlow.js declares itself in 600 files, three quarters of a cell's program, and every cell needs a new program.
 * So cells see one file that says the same, written at the first start. Where it does not fit (a TensorFlow.js of the
 * notebook's own, an import of a part that no other part needs) the compiler goes back to the packages' own files; and
 * where the kernel has none, as in its own package, there is nothing to do.
 */
export class TensorflowTypes {
  /** The bundle, to be made a part of the program. */
  readonly file?: string;
  /** It turned out not to fit. */
  outgrown = false;
  private modules: ReadonlyMap<string, string> = new Map();
  private readonly scope: string;

  constructor(
    private readonly ts: TypeScript,
    kernelRoot: string,
  ) {
    this.scope = path.join(kernelRoot, "node_modules/@tensorflow").replace(/\\/g, "/");
    if (!existsSync(this.scope)) return;
    const file = path.join(kernelRoot, "kernel-setup/dist/tensorflow-types/index.d.ts");
    try {
      this.modules = this.read(file) ?? this.write(file);
      this.file = file.replace(/\\/g, "/");
    } catch (error) {
      log(`no bundle of TensorFlow.js's declarations: ${(error as Error).message}`);
    }
  }

  get active(): boolean {
    return this.file !== undefined && !this.outgrown;
  }

  /** Is there a module of that name in the bundle? */
  has(name: string): boolean {
    return this.active && this.modules.has(name);
  }

  /** Is the module, which the compiler found in a file, declared in the bundle? */
  declares(name: string, found: string | undefined, from: string): boolean {
    if (!this.active) return false;
    // One of their files that is not in the bundle refers to others by their places.
    if (from.startsWith(`${this.scope}/`) && PACKAGES.includes(from.slice(this.scope.length + 1).split("/")[0]))
      this.outgrown = true;
    const bundled = this.modules.get(name);
    if (bundled === undefined) return false;
    if (found === undefined || this.isSame(found, bundled)) return true;
    this.outgrown = true;
    return false;
  }

  /** A package lent to the notebook has a name under which there is no file. */
  private isSame(found: string, bundled: string): boolean {
    if (found === bundled) return true;
    const inPackages = bundled.slice(path.dirname(this.scope).length);
    return found.endsWith(`/node_modules${inPackages}`) && !this.ts.sys.fileExists(found);
  }

  private read(file: string): ReadonlyMap<string, string> | undefined {
    try {
      const { made, modules } = JSON.parse(readFileSync(`${file}.json`, "utf8")) as {
        made: string;
        modules: [string, string][];
      };
      return made === this.recipe() && this.ts.sys.fileExists(file) ? new Map(modules) : undefined;
    } catch {
      return undefined;
    }
  }

  private write(file: string): ReadonlyMap<string, string> {
    const entries = new Map(
      PACKAGES.map((name) => [
        `@tensorflow/${name}`,
        path.join(this.scope, name, manifest(this.scope, name).types!).replace(/\\/g, "/"),
      ]),
    );
    const { text, modules } = bundleDeclarations(this.ts, this.scope, entries);
    mkdirSync(path.dirname(file), { recursive: true });
    // Kernels may start together.
    for (const [name, content] of [
      [file, text],
      [`${file}.json`, JSON.stringify({ made: this.recipe(), modules: [...modules] })],
    ]) {
      const temporary = `${name}.${process.pid}`;
      writeFileSync(temporary, content);
      renameSync(temporary, name);
    }
    return modules;
  }

  /** What the bundle depends on. */
  private recipe(): string {
    return JSON.stringify([FORMAT, this.scope, ...PACKAGES.map((name) => manifest(this.scope, name).version)]);
  }
}

const manifest = (scope: string, name: string): { version: string; types?: string } => {
  const all = JSON.parse(readFileSync(path.join(scope, name, "package.json"), "utf8")) as {
    version: string;
    types?: string;
    typings?: string;
  };
  return { version: all.version, types: all.types ?? all.typings };
};
