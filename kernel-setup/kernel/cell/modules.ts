// What `require` and `import` give to cells, and the doors through which they get some packages.
import { readFileSync } from "fs";
import { createRequire } from "module";
import * as path from "path";
import { pathToFileURL } from "url";
import { setImmediate as nextTurn } from "timers/promises";
import { EsmPackages } from "./esm-packages";
import { defineExport, LocalModules, type CellRequire } from "./local-modules";
import type { Tslab } from "./tslab";

const REQUIRED = /\brequire\((["'])([^"'\n]+)\1\)/g;

/**
 * `require` for cells: "tslab" is the kernel's own; the student's own files are compiled when imported; packages come
 * from the notebook's folder upwards and else from the kernel's project.
 */
export class CellModules {
  private readonly esm = new EsmPackages();
  private readonly locals: LocalModules;
  private readonly kernelRequire: NodeRequire;
  private readonly doors: Doors;
  private readonly cellFile: string;

  constructor(
    folder: string,
    private readonly kernelRoot: string,
    private readonly tslab: Tslab,
    private readonly onTslab: () => void,
  ) {
    this.kernelRequire = createRequire(path.join(kernelRoot, "kernel.js"));
    this.doors = new Doors(kernelRoot, this.kernelRequire);
    this.cellFile = path.join(folder, "cell.ts");
    this.locals = new LocalModules(tslab.maps, (file) => this.requireFor(file));
  }

  /** A module that a cell declared, under the path a file of that name would have. */
  declare(file: string, text: string): void {
    this.locals.virtual.set(file, text);
  }

  /** To be awaited before compiled code runs: loads changed files again, and imports what cannot be required. */
  async prepare(code: string): Promise<void> {
    const changed = this.locals.changed();
    if (changed.length > 0) {
      // On a turn of its own, because these files' code can be interrupted.
      await nextTurn();
      await this.reload(changed);
    }
    await this.importAhead(code, this.cellFile, new Set());
  }

  /** `require` for the cells, or for one of the student's files. */
  requireFor(file: string = this.cellFile): CellRequire {
    const folders = [path.dirname(file), this.kernelRoot];
    const local = createRequire(file);
    const importer = file === this.cellFile ? undefined : file;
    const require = (name: string): unknown => {
      if (name === "tslab") this.onTslab();
      const target = this.localFile(name, file);
      if (target) return this.locals.load(target, importer);
      return this.esm.find(name, folders) ?? this.doors.through(name, this.fromPackages(local, name));
    };
    return Object.assign(require, {
      resolve: (name: string) => this.localFile(name, file) ?? local.resolve(name),
      define: (exports: object, name: string, attributes: PropertyDescriptor) => {
        if (name !== "__esModule") defineExport(exports, name, attributes);
      },
      import: (name: string) => this.importNow(name, file, require, folders),
      meta: {
        url: pathToFileURL(file).href,
        filename: file,
        dirname: path.dirname(file),
        resolve: (name: string) => pathToFileURL(local.resolve(name)).href,
      },
    });
  }

  private async importNow(
    name: string,
    file: string,
    require: (name: string) => unknown,
    folders: readonly string[],
  ): Promise<unknown> {
    const target = this.localFile(name, file);
    if (target) await this.importAhead(this.locals.code(target), target, new Set([target]));
    else if (name !== "tslab") await this.esm.prepare(name, folders);
    return asNamespace(/^(data|file|https?):/.test(name) ? await this.esm.import(name, folders) : require(name));
  }

  private async reload(changed: readonly string[]): Promise<void> {
    this.locals.forget(changed);
    for (const file of changed) {
      try {
        await this.importAhead(this.locals.code(file), file, new Set([file]));
        this.locals.reload(file);
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
      const target = this.localFile(name, from);
      if (!target) {
        if (name !== "tslab") await this.esm.prepare(name, [path.dirname(from), this.kernelRoot]);
      } else if (!seen.has(target)) {
        seen.add(target);
        await this.importAhead(this.locals.code(target), target, seen);
      }
    }
  }

  /** The student's file that an import means, if it is not a package. */
  private localFile(name: string, from: string): string | undefined {
    return this.tslab.localFile(name, from, (file) => this.locals.virtual.has(file));
  }

  private fromPackages(local: NodeRequire, name: string): unknown {
    if (name === "tslab") return this.kernelRequire(name);
    try {
      return local(name);
    } catch (error) {
      if (!isMissing(error, name)) throw error;
      try {
        return this.kernelRequire(name);
      } catch (second) {
        throw isMissing(second, name) ? error : second;
      }
    }
  }
}

/** Is it this very package that was not found, not something it needs? */
function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "MODULE_NOT_FOUND" && message.includes(`'${name}'`) && !/^\.{0,2}\//.test(name);
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
    this.modules = named(path.join(root, "package.json"));
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

/** None where there is no package.json, as in the grading sandbox. */
function named(file: string): Record<string, string> {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { notebookDoors?: Record<string, string> }).notebookDoors ?? {};
  } catch {
    return {};
  }
}
