// A project whose packages are edited at random under a running kernel, and what its cells must then say.
import { expect } from "chai";
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { KernelClient } from "../../helpers/jupyter-client";

/** One package on the disk. */
interface Package {
  version: number;
  isModule: boolean;
  isTyped: boolean;
  /** The name of its main file, which the next version may call otherwise. */
  main: string;
}

/** Packages by name, and the one that each needs. */
const NEEDS: Record<string, string | undefined> = {
  alpha: undefined,
  beta: undefined,
  "@scope/gamma": "alpha",
  delta: "beta",
};
const NAMES = Object.keys(NEEDS);

/** The same numbers each time, from 0 to 1. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

class Packages {
  readonly there = new Map<string, Package>();
  private readonly modules: string;
  private versions = 0;

  constructor(
    readonly root: string,
    private readonly chance: () => number,
  ) {
    this.modules = path.join(root, "node_modules");
    mkdirSync(path.join(root, "notebooks"), { recursive: true });
  }

  private among<T>(values: readonly T[]): T {
    return values[Math.floor(this.chance() * values.length)];
  }

  /** Changes a package in one of the ways in which people and npm do. In words. */
  edit(): string {
    const name = this.among(NAMES);
    const known = this.there.get(name);
    const kind = known ? this.among(["remove", "upgrade", "replace", "types", "code", "wipe"]) : "install";
    switch (kind) {
      case "remove":
        this.there.delete(name);
        rmSync(path.join(this.modules, name), { recursive: true });
        break;
      case "wipe":
        // What `npm ci` does.
        rmSync(this.modules, { recursive: true });
        for (const each of this.there.keys()) this.write(each, this.next(each));
        break;
      case "replace": {
        // What `npm install` does: the new folder takes the place of the old one.
        const away = path.join(this.modules, `.${path.basename(name)}-${this.versions}`);
        renameSync(path.join(this.modules, name), away);
        this.write(name, this.next(name));
        rmSync(away, { recursive: true });
        break;
      }
      case "types":
        this.write(name, { ...known!, isTyped: !known!.isTyped });
        break;
      case "code":
        this.write(name, { ...known!, version: ++this.versions });
        break;
      default:
        this.write(name, this.next(name));
    }
    return `${kind} ${name}`;
  }

  /** Another version of it: other files, perhaps another kind of module. Who needs an ES module is one. */
  private next(name: string): Package {
    const version = ++this.versions;
    const isModule = name === "beta" || name === "delta" || (name === "@scope/gamma" && this.chance() < 0.3);
    return { version, isModule, isTyped: this.chance() < 0.7, main: this.among(["index.js", "lib/main.js"]) };
  }

  private write(name: string, each: Package): void {
    const { version, isModule, isTyped, main } = each;
    const folder = path.join(this.modules, name);
    const needs = NEEDS[name];
    const put = (file: string, text: string): void => {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), text);
    };
    for (const file of ["index.js", "index.d.ts", "lib"])
      rmSync(path.join(folder, file), { recursive: true, force: true });
    const types = main.replace(".js", ".d.ts");
    const entry = isModule
      ? { type: "module", exports: { ".": { types: `./${types}`, import: `./${main}` } } }
      : { main, types };
    put(
      "package.json",
      JSON.stringify({ name, version: `${version}.0.0`, ...entry, dependencies: needs && { [needs]: "*" } }),
    );
    const inner = isModule ? `export const inner = ${version};\n` : `exports.inner = ${version};\n`;
    put(main.replace(/[^/]+$/, "inner.js"), inner);
    put(
      main,
      isModule
        ? `import { inner } from "./inner.js";\nexport const version = inner;\n` +
            (needs ? `import { version as needed } from "${needs}";\nexport { needed };\n` : "")
        : `exports.version = require("./inner.js").inner;\n` +
            (needs ? `exports.needed = require("${needs}").version;\n` : ""),
    );
    if (isTyped)
      put(types, `export declare const version: ${version};\n${needs ? "export declare const needed: number;\n" : ""}`);
    this.there.set(name, each);
  }

  /** What a cell that imports the package must say. */
  expected(name: string): { value?: string; error?: RegExp } {
    const each = this.there.get(name);
    const needs = NEEDS[name];
    if (!each) return { error: new RegExp(`Cannot find module '${name}'`) };
    if (!needs) return { value: `'${each.version}'` };
    const needed = this.there.get(needs);
    return needed
      ? { value: `'${each.version} with ${needed.version}'` }
      : { error: new RegExp(`Cannot find (module|package) '${needs}'`) };
  }
}

/**
 * Edits packages at random, runs cells after each edit, and holds each against what is on the disk: those that have
 * nothing to do with it, those that import, those that are wrong about a type, and names imported earlier.
 */
export async function editPackages(edits: number, seed = 1): Promise<void> {
  const chance = random(seed);
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), "vitrine-packages-")));
  const packages = new Packages(root, chance);
  const kernel = await KernelClient.start({ cwd: path.join(root, "notebooks"), warm: true });
  const history: string[] = [];
  const kept = new Map<string, string>();
  const run = async (code: string): Promise<{ value?: string; error?: string }> => {
    const { result, error } = await kernel.execute(code);
    history.push(code);
    return error ? { error: `${error.ename}: ${error.evalue}` } : { value: result };
  };
  const told = (): string => `after\n${history.slice(-12).join("\n")}\n`;
  try {
    for (let i = 0; i < edits; i++) {
      history.push(`// ${packages.edit()}`);
      if (chance() < 0.5) expect((await run(`${i} + 1`)).value, told()).to.equal(String(i + 1));
      const name = NAMES[Math.floor(chance() * NAMES.length)];
      const { value, error } = packages.expected(name);
      const names = NEEDS[name] ? [`version as v${i}`, `needed as n${i}`] : [`version as v${i}`];
      const shown = NEEDS[name] ? `v${i} + " with " + n${i}` : `String(v${i})`;
      const got = await run(`import { ${names.join(", ")} } from "${name}"; ${shown}`);
      if (error) expect(got.error, told()).to.match(error);
      else {
        expect(got, told()).to.deep.equal({ value });
        kept.set(`v${i}`, /\d+/.exec(value!)![0]);
        const { version, isTyped } = packages.there.get(name)!;
        const wrong = await run(`const t${i}: ${version + 1} = v${i}; t${i}`);
        if (isTyped)
          expect(wrong.error, told()).to.match(
            new RegExp(`Type '${version}' is not assignable to type '${version + 1}'`),
          );
        else expect(wrong.value, told()).to.equal(String(version));
      }
      for (const [earlier, was] of [...kept].slice(0, 1)) {
        expect((await run(earlier)).value, told()).to.equal(was);
        if (chance() < 0.3) kept.delete(earlier);
      }
    }
    expect(kernel.terminal).to.equal("");
  } finally {
    await kernel.kill();
    rmSync(root, { recursive: true, force: true });
  }
}
