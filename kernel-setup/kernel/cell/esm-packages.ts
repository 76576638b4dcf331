import { readFileSync } from "fs";
import Module from "module";
import * as path from "path";

type Import = (name: string) => Promise<object>;
interface CompilableModule extends NodeModule {
  _compile(code: string, file: string): void;
}

/**
 * Packages that only `import` can load, because they are ES modules or have nothing for `require` in their exports map.
 * They are imported before the cell that asks for them runs; its `require` then finds them here.
 */
export class EsmPackages {
  private readonly imported = new Map<string, object>();

  /** Imports the package unless `require` will do. A failure is kept for the `require` that asks. */
  async prepare(name: string, folders: readonly string[]): Promise<void> {
    const key = keyOf(name, folders);
    if (this.imported.has(key) || !folders.some((folder) => needsImport(folder, name))) return;
    const namespace = await this.import(name, folders);
    this.imported.set(key, withDefault(namespace));
  }

  find(name: string, folders: readonly string[]): object | undefined {
    return this.imported.get(keyOf(name, folders));
  }

  /** `import(name)` as seen from the first of the folders that has it. */
  async import(name: string, folders: readonly string[]): Promise<object> {
    let first: unknown;
    for (const folder of folders) {
      try {
        return await importerIn(folder)(name);
      } catch (error) {
        const { code, message = "" } = error as NodeJS.ErrnoException;
        if (code !== "ERR_MODULE_NOT_FOUND" || !message.includes(`'${name.split("/")[0]}`)) throw error;
        first ??= error;
      }
    }
    throw first;
  }
}

const keyOf = (name: string, folders: readonly string[]): string => `${folders[0]}\n${name}`;

/** A native `import()` whose names are looked up from a folder. */
function importerIn(folder: string): Import {
  const file = path.join(folder, "cell.js");
  const created = new Module(file) as CompilableModule;
  created.filename = file;
  created._compile("exports.load = (name) => import(name);", file);
  return (created.exports as { load: Import }).load;
}

function needsImport(folder: string, name: string): boolean {
  if (Module.isBuiltin(name)) return false;
  let file: string;
  try {
    file = Module.createRequire(path.join(folder, "cell.js")).resolve(name);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ERR_PACKAGE_PATH_NOT_EXPORTED";
  }
  return file.endsWith(".mjs") || (file.endsWith(".js") && packageType(file) === "module");
}

function packageType(file: string): string | undefined {
  for (let folder = path.dirname(file); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    try {
      return (JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as { type?: string }).type;
    } catch {
      // No package.json here.
    }
  }
  return undefined;
}

/** The namespace, marked so that the compiled code takes its `default` for the default import. */
function withDefault(namespace: object): object {
  if ("__esModule" in namespace) return namespace;
  const marked = Object.create(null) as object;
  for (const name of Object.keys(namespace)) {
    Object.defineProperty(marked, name, {
      enumerable: true,
      configurable: true,
      get: () => (namespace as Record<string, unknown>)[name],
    });
  }
  return Object.defineProperty(marked, "__esModule", { value: true });
}
