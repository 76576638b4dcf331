// What `require` and `import` give to cells, and the doors through which they get some packages.
import { createRequire, isBuiltin } from "module";
import * as path from "path";
import { fileURLToPath, pathToFileURL } from "url";
import { setImmediate as nextTurn } from "timers/promises";
import { EsmPackages } from "./esm-packages";
import { withoutNpm } from "./install";
import { LoadAhead, namedModules } from "./load-ahead";
import { LoadedPackages } from "./loaded-packages";
import { defineExport, LocalModules, type CellRequire } from "./local-modules";
import { isModuleFile, type FoundPackage } from "./package-resolver";
import type { Home } from "../shared/home";
import type { Tslab } from "./tslab";

const REQUIRED = /\brequire\((["'])([^"'\n]+)\1\)/g;

/**
 * `require` for cells: "tslab" is the kernel's own; the student's own files are compiled when imported; packages come
 * from the notebook's folder upwards and else from the kernel's project, if it lies in one.
 */
export class CellModules {
  private readonly packages: LoadedPackages;
  private readonly esm: EsmPackages;
  private readonly locals: LocalModules;
  private readonly kernelRequire: NodeRequire;
  private readonly doors: Doors;
  private readonly ahead: LoadAhead;
  private readonly cellFile: string;

  constructor(
    folder: string,
    private readonly home: Home,
    private readonly tslab: Tslab,
    private readonly onTslab: () => void,
  ) {
    this.packages = new LoadedPackages(home.root);
    this.esm = new EsmPackages(this.packages);
    this.kernelRequire = createRequire(path.join(home.root, "kernel.js"));
    this.doors = new Doors(home.root, this.kernelRequire);
    this.ahead = new LoadAhead(home.root, this.kernelRequire);
    this.cellFile = path.join(folder, "cell.ts");
    this.locals = new LocalModules(tslab.ts, tslab.maps, (file) => this.requireFor(file));
  }

  /** A module that a cell declared, under the path a file of that name would have. */
  declare(file: string, text: string): void {
    this.locals.virtual.set(file, text);
  }

  /** A cell with this text is about to be compiled. */
  announce(source: string): void {
    this.ahead.begin(source);
  }

  /** To be awaited before compiled code runs: loads changed files again, and imports what cannot be required. */
  async prepare(code: string): Promise<void> {
    const changed = this.locals.changed(this.changedPackages(code));
    if (changed.length > 0) {
      // On a turn of its own, because these files' code can be interrupted.
      await nextTurn();
      await this.reload(changed);
    }
    await this.importAhead(code, this.cellFile, new Set());
  }

  /** The cell failed or was cut off. */
  abandon(): void {
    this.locals.abandon();
  }

  /** `require` for the cells, or for one of the student's files. */
  requireFor(file: string = this.cellFile): CellRequire {
    const local = createRequire(file);
    const importer = file === this.cellFile ? undefined : file;
    const require = (written: string): unknown => {
      const name = withoutNpm(written);
      if (name === "tslab") {
        this.onTslab();
        return this.kernelRequire(name);
      }
      if (isBuiltin(name)) return local(name);
      const target = this.meant(name, file);
      if (typeof target === "string") return this.locals.load(target, importer);
      if (!target) throw missing(name);
      if (importer) this.locals.uses(importer, target.root);
      return this.esm.find(target) ?? this.doors.through(name, this.loaded(target));
    };
    return Object.assign(require, {
      resolve: (name: string) => {
        const target = isBuiltin(name) ? undefined : this.meant(name, file);
        return typeof target === "string" ? target : (target?.file ?? local.resolve(name));
      },
      define: (exports: object, name: string, attributes: PropertyDescriptor) => {
        if (name !== "__esModule") defineExport(exports, name, attributes);
      },
      import: (name: string) => this.importNow(String(name), file, require),
      meta: {
        url: pathToFileURL(file).href,
        filename: file,
        dirname: path.dirname(file),
        resolve: (name: string) => pathToFileURL(local.resolve(name)).href,
      },
    });
  }

  private async importNow(name: string, file: string, require: (name: string) => unknown): Promise<unknown> {
    if (/^(data|https?|node):/.test(name)) return this.esm.import(name, path.dirname(file));
    const address = name.startsWith("file:") ? fileURLToPath(name) : name;
    await this.importAhead(`require(${JSON.stringify(address)})`, file, new Set());
    return asNamespace(require(address));
  }

  /** Tells which packages changed on the disk since they were loaded. Looked for when one may have, or is imported. */
  private changedPackages(code: string): ReadonlySet<string> {
    if (!this.tslab.packagesChanged && !/\brequire(\.import)?\(/.test(code)) return NONE;
    this.tslab.packagesChanged = false;
    const { roots, said } = this.packages.refresh();
    for (const line of said) console.warn(line);
    return roots;
  }

  private async reload(changed: readonly string[]): Promise<void> {
    this.locals.forget(changed);
    for (const file of changed) {
      try {
        await this.importAhead(this.locals.code(file), file, new Set([file]));
        await this.locals.reload(file);
      } catch (error) {
        console.error(
          `${path.basename(file)} changed and could not be loaded again; what it exported before ` +
            `stays.\n${String((error as Error).stack ?? error)}`,
        );
      }
    }
  }

  private async importAhead(code: string, from: string, seen: Set<string>): Promise<void> {
    for (const [, , name] of code.matchAll(REQUIRED)) {
      if (name === "tslab" || isBuiltin(name)) continue;
      const target = this.meantAhead(name, from);
      if (typeof target !== "string") {
        if (target) await this.esm.prepare(target);
      } else if (!seen.has(target)) {
        seen.add(target);
        await this.importAhead(this.locals.code(target), target, seen);
        await this.locals.ahead(target);
      }
    }
  }

  /** What cannot be found is no fault before somebody asks for it. */
  private meantAhead(name: string, from: string): ReturnType<CellModules["meant"]> {
    try {
      return this.meant(name, from);
    } catch {
      return undefined;
    }
  }

  /** A file of the student's, linked packages in TypeScript included, or a package. */
  private meant(written: string, from: string): string | FoundPackage | undefined {
    const name = withoutNpm(written);
    const local = this.tslab.localFile(name, from, (file) => this.locals.virtual.has(file));
    if (local) return local;
    if (/^(\.{0,2}(\/|$)|[A-Za-z]:[\\/])/.test(name)) {
      const file = createRequire(from).resolve(name);
      return { root: path.dirname(file), file, isModule: isModuleFile(file) };
    }
    const found = this.esm.locate(name, [path.dirname(from), ...(this.home.lent ? [] : [this.home.root])]);
    return found && TYPESCRIPT.test(found.file) ? found.file : found;
  }

  private loaded({ root, file }: FoundPackage): unknown {
    this.packages.track(root);
    return this.kernelRequire(file);
  }
}

const NONE: ReadonlySet<string> = new Set();
const TYPESCRIPT = /\.[cm]?tsx?$/;

function missing(name: string): Error {
  return Object.assign(new Error(`Cannot find module '${name}'`), { code: "MODULE_NOT_FOUND" });
}

/** What `import()` of a CommonJS module gives: its properties, and itself as `default`. */
function asNamespace(exported: unknown): unknown {
  if (exported !== null && typeof exported === "object" && "__esModule" in exported) return exported;
  return { ...(exported as object), default: exported };
}

type Door = (exported: unknown) => unknown;

/**
 * What the kernel's project puts between cells and a package: its package.json names, under `notebookDoors`, the module
 * whose default export turns the package's exports into what cells get. A course has one for the library whose methods
 * it asks students to write.
 */
class Doors {
  private readonly modules: Readonly<Record<string, string>>;
  private readonly opened = new Map<unknown, unknown>();

  /** @param require of the kernel's project, in `root` */
  constructor(
    root: string,
    private readonly require: NodeRequire,
  ) {
    this.modules = namedModules(root, "notebookDoors");
  }

  /**
   * @param name as the cell imports it
   * @param exported what the package exports
   */
  through(name: string, exported: unknown): unknown {
    // A package of that name that is not the project's has no door.
    if (!Object.hasOwn(this.modules, name) || exported !== this.require(name)) return exported;
    if (!this.opened.has(exported))
      this.opened.set(exported, (this.require(this.modules[name]) as { default: Door }).default(exported));
    return this.opened.get(exported);
  }
}
