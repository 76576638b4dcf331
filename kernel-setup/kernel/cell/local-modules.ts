// The student's own files beside the notebook, and what cells and files export.
import { readFileSync } from "fs";
import * as path from "path";
import type * as tsTypes from "typescript";
import { Script } from "vm";
import type { CellMaps } from "./source-maps";
import { awaitsAtTopLevel } from "./top-level-await";
import { versionOf } from "./watched-files";

/** `require` as cells and the student's own files have it. */
export interface CellRequire {
  (name: string): unknown;
  resolve(name: string): string;
  /** Stands for `import()`. */
  import(name: string): Promise<unknown>;
  /** Stands for `Object.defineProperty` on the cells' exports. */
  define(exports: object, name: string, attributes: PropertyDescriptor): void;
  /** Stands for `import.meta`. */
  readonly meta: object;
}

interface Local {
  version: string;
  code: string;
  /**
   * Undefined until it ran. The object stays the same when the file is loaded again, so whoever imported it sees the
   * new values.
   */
  module?: { exports: unknown };
  ran: boolean;
  /** It awaits at its top level, so it runs before what imports it. */
  awaits: boolean;
  /** Until such a file has run to its end. */
  running?: Promise<void>;
  importers: Set<string>;
  /** Folders of the packages it imports. */
  packages: Set<string>;
}

/** The student's own files, compiled one by one when they are first imported, and run again when they changed. */
export class LocalModules {
  private readonly files = new Map<string, Local>();
  /** Modules that exist only in a cell, by the path they would have. */
  readonly virtual = new Map<string, string>();

  constructor(
    private readonly ts: typeof tsTypes,
    private readonly maps: CellMaps,
    private readonly requireFor: (file: string) => CellRequire,
  ) {}

  /** What the file exports; it runs if it did not yet. */
  load(file: string, importer?: string): unknown {
    const local = this.entry(file);
    if (importer) local.importers.add(importer);
    if (!local.ran && local.awaits)
      throw new Error(`${path.basename(file)} awaits at its top level: load it with \`import\`, not with \`require\`.`);
    if (!local.ran) void this.run(file, local);
    return local.module!.exports;
  }

  /** Runs the file if it awaits at its top level; others run when they are required. */
  async ahead(file: string): Promise<void> {
    const local = this.entry(file);
    if (!local.awaits) return;
    if (!local.ran)
      local.running = Promise.resolve(this.run(file, local)).finally(() => {
        local.running = undefined;
      });
    await local.running;
  }

  /** What still awaits was cut off with its cell, and begins again for the next that asks. */
  abandon(): void {
    for (const local of this.files.values())
      if (local.running) {
        local.ran = false;
        local.running = undefined;
      }
  }

  /** The file imports a package, which lies in that folder. */
  uses(file: string, packageFolder: string): void {
    this.files.get(file)?.packages.add(packageFolder);
  }

  /** The compiled text, of the file as it is now if it did not run yet. */
  code(file: string): string {
    return this.entry(file).code;
  }

  /** Files that changed since they ran, or whose packages did, and those that import them. */
  changed(packages: ReadonlySet<string>): string[] {
    const stale = new Set<string>();
    const add = (file: string): void => {
      if (stale.has(file)) return;
      stale.add(file);
      for (const importer of this.files.get(file)?.importers ?? []) if (this.files.has(importer)) add(importer);
    };
    for (const [file, local] of this.files) {
      const anotherPackage = packages.size > 0 && [...local.packages].some((each) => packages.has(each));
      if (anotherPackage || this.version(file) !== local.version) add(file);
    }
    return [...stale];
  }

  /** To be compiled and run again the next time they are asked for. */
  forget(files: readonly string[]): void {
    for (const file of files) {
      const local = this.files.get(file)!;
      local.ran = false;
      local.version = "";
    }
  }

  /** Runs a forgotten file; if that fails what it exported before stays. */
  async reload(file: string): Promise<void> {
    const local = this.files.get(file);
    if (!local?.module || local.ran) return;
    const before = local.module.exports;
    const kept = isObject(before) ? Object.getOwnPropertyDescriptors(before) : undefined;
    try {
      await this.ahead(file);
      this.load(file);
    } catch (error) {
      local.module = { exports: before };
      if (kept) Object.defineProperties(clear(before as object), kept);
      throw error;
    }
  }

  private entry(file: string): Local {
    const known = this.files.get(file);
    if (known && (known.ran || known.version === this.version(file))) return known;
    const version = this.version(file);
    const text = this.virtual.get(file) ?? readFileSync(file, "utf8");
    const isJson = file.endsWith(".json");
    const local: Local = {
      version,
      code: isJson ? `module.exports = ${checkedJson(file, text)}` : this.maps.compileFile(file, text),
      awaits: !isJson && awaitsAtTopLevel(this.ts, text, file),
      module: known?.module,
      ran: false,
      importers: known?.importers ?? new Set(),
      packages: new Set(),
    };
    this.files.set(file, local);
    return local;
  }

  private version(file: string): string {
    const text = this.virtual.get(file);
    return text === undefined ? versionOf(file) : `virtual ${text}`;
  }

  private run(file: string, local: Local): Promise<void> | undefined {
    const script = new Script(
      `(${local.awaits ? "async " : ""}function (exports, require, module, __filename, __dirname) {\n${local.code}\n})`,
      {
        filename: file,
        lineOffset: -1,
      },
    );
    const wrapped = script.runInThisContext() as (...all: unknown[]) => Promise<void> | undefined;
    const own = isObject(local.module?.exports) ? clear(local.module!.exports as object) : fileExports();
    const module = (local.module = { exports: own as unknown });
    local.ran = true;
    const failed = (error: unknown): never => {
      local.ran = false;
      throw error;
    };
    try {
      return wrapped.call(own, own, this.requireFor(file), module, file, path.dirname(file))?.catch(failed);
    } catch (error) {
      return failed(error);
    }
  }
}

/** @throws SyntaxError that names the file */
function checkedJson(file: string, text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new SyntaxError(`${path.basename(file)} is no JSON: ${(error as Error).message}`, { cause: error });
  }
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

function clear(object: object): object {
  for (const name of Reflect.ownKeys(object)) Reflect.deleteProperty(object, name);
  return object;
}

type Exports = Record<string, unknown>;

/** The object that holds what cells declare. */
export function createExports(): Exports {
  return Object.create(null) as Exports;
}

/**
 * Stands for `Object.defineProperty` in compiled code, which defines imported names as read-only getters. Here such a
 * getter stays live (a file that is loaded again shows its new values) until the name is assigned to, because a later
 * cell declares it or imports it from elsewhere.
 */
export function defineExport(exports: object, name: PropertyKey, { get, value }: PropertyDescriptor): boolean {
  const settled = (held: unknown): PropertyDescriptor => ({
    enumerable: name !== "__esModule",
    configurable: true,
    writable: true,
    value: held,
  });
  if (!get) return Reflect.defineProperty(exports, name, settled(value));
  const set = (held: unknown): void => void Reflect.defineProperty(exports, name, settled(held));
  return Reflect.defineProperty(exports, name, { enumerable: true, configurable: true, get, set });
}

/** The object that holds what one of the student's files exports; it may run again. */
function fileExports(): Exports {
  return new Proxy({}, { defineProperty: (target, name, attributes) => defineExport(target, name, attributes) });
}
