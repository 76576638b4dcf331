import Module, { createRequire } from "module";
import * as path from "path";
import type { CellMaps } from "./source-maps";

interface CompilableModule extends NodeModule {
  _compile(code: string, file: string): void;
}

/**
 * `require` for cells: "tslab" is the kernel's own, TypeScript files beside the notebook are what the converter made of
 * them, packages come from the notebook's folder upwards and else from the kernel's project.
 */
export class CellModules {
  private readonly compiled = new Map<string, string>();
  private readonly loaded = new Map<string, CompilableModule>();
  private readonly kernelRequire: NodeRequire;

  constructor(private readonly folder: string, kernelRoot: string, private readonly maps: CellMaps, private readonly onTslab: () => void) {
    this.kernelRequire = createRequire(path.join(kernelRoot, "kernel.js"));
  }

  /** Takes over what the converter compiled beside the cell; a file that changed is loaded afresh. */
  update(outputs: readonly { path: string; data: string }[] = []): void {
    for (const { path: file, data } of outputs) {
      this.loaded.delete(file);
      this.compiled.set(file, data);
      this.maps.register(file, data, 0);
    }
  }

  requireFrom(folder: string = this.folder): NodeRequire {
    const local = createRequire(path.join(folder, "cell.js"));
    return new Proxy(local, {
      apply: (_target, _self, [name]: [string]) => {
        if (name === "tslab") this.onTslab();
        return this.fromCompiled(folder, name) ?? this.fromPackages(local, name);
      },
    });
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

  private fromCompiled(folder: string, name: string): unknown {
    if (!/^\.{0,2}\//.test(name)) return undefined;
    const target = path.resolve(folder, name);
    const file = [target, `${target}.js`, path.join(target, "index.js")].map((each) => each.replace(/\\/g, "/")).find((each) => this.compiled.has(each));
    if (!file) return undefined;
    const known = this.loaded.get(file);
    if (known) return known.exports;
    const created = new Module(file) as CompilableModule;
    created.filename = file;
    created.require = this.requireFrom(path.dirname(file)) as NodeModule["require"];
    this.loaded.set(file, created);
    try {
      created._compile(this.compiled.get(file)!, file);
    } catch (error) {
      this.loaded.delete(file);
      throw error;
    }
    return created.exports;
  }
}

/** Is it this very package that was not found, not something it needs? */
function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "MODULE_NOT_FOUND" && message.includes(`'${name}'`) && !/^\.{0,2}\//.test(name);
}
