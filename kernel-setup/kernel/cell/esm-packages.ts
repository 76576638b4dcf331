import Module, { isBuiltin, register } from "module";
import * as path from "path";
import { pathToFileURL } from "url";
import { MessageChannel, type MessagePort } from "worker_threads";
import type { LoadedPackages } from "./loaded-packages";
import { findPackage, IMPORT, PackageError, type FoundPackage } from "./package-resolver";

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
  private hooks?: MessagePort;

  constructor(private readonly packages: LoadedPackages) {}

  /** Imports the package unless `require` will do. */
  async prepare(found: FoundPackage): Promise<void> {
    if (!found.isModule) return;
    const address = this.addressOf(found);
    if (this.imported.has(address)) return;
    try {
      this.imported.set(address, withDefault(await importFrom(found.root, address)));
    } catch (error) {
      this.packages.failed(found.root);
      throw error;
    }
  }

  /** What was imported under that name, if it had to be. */
  find(found: FoundPackage): object | undefined {
    return found.isModule ? this.imported.get(this.addressOf(found)) : undefined;
  }

  /** The package as seen from the first of the folders that has it. */
  locate(name: string, folders: readonly string[]): FoundPackage | undefined {
    if (isBuiltin(name)) return undefined;
    for (const folder of folders) {
      try {
        const found = findPackage(name, folder);
        if (found) return found;
      } catch (error) {
        if ((error as PackageError).code !== "ERR_PACKAGE_PATH_NOT_EXPORTED") throw error;
        const found = findPackage(name, folder, IMPORT);
        if (found) return { ...found, isModule: true };
      }
    }
    return undefined;
  }

  /** `import(name)` of what is no package: an address, or one of Node's own modules. */
  import(name: string, folder: string): Promise<object> {
    return importFrom(folder, name);
  }

  /** One that changed gets another address each time, under which Node has nothing yet. */
  private addressOf({ root, file }: FoundPackage): string {
    const generation = this.packages.track(root);
    if (generation > 0) this.tellHooks();
    return pathToFileURL(file).href + (generation > 0 ? `?vitrine=${generation}` : "");
  }

  private tellHooks(): void {
    if (!this.hooks) {
      const { port1, port2 } = new MessageChannel();
      port1.unref();
      register(pathToFileURL(path.join(__dirname, "esm-hooks.js")).href, {
        data: { port: port2 },
        transferList: [port2],
      });
      this.hooks = port1;
    }
    this.hooks.postMessage(this.packages.generations);
  }
}

/** A native `import()` whose names are looked up from a folder. */
function importFrom(folder: string, name: string): Promise<object> {
  const file = path.join(folder, "cell.js");
  const created = new Module(file) as CompilableModule;
  created.filename = file;
  created._compile("exports.load = (name) => import(name);", file);
  return (created.exports as { load: Import }).load(name);
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
