import * as path from "path";
import type * as tsForTslab from "@tslab/typescript-for-tslab";

type TypeScript = typeof tsForTslab;
type Resolved = tsForTslab.ResolvedModuleWithFailedLookupLocations;

/**
 * Finds the declarations of an imported package: as tslab does (from the notebook's folder upwards), then through the
 * package's `exports` map, then from the kernel's own project, so that "vitrine" is found by a notebook anywhere.
 */
export function resolveModules(ts: TypeScript, host: tsForTslab.ModuleResolutionHost, kernelRoot: string): object {
  const kernelFile = path.join(kernelRoot, "__kernel__.ts").replace(/\\/g, "/");
  // Only packages' own imports are cached: a student may install a package and import it in the next cell.
  let cache: tsForTslab.ModuleResolutionCache | undefined;

  function resolve(name: string, from: string, options: tsForTslab.CompilerOptions): Resolved {
    cache ??= ts.createModuleResolutionCache(path.dirname(from), (file) => file, options);
    const result = ts.resolveModuleName(name, from, options, host, from.includes("/node_modules/") ? cache : undefined);
    if (result.resolvedModule || from.includes("/node_modules/") || name.startsWith(".")) return result;
    const byExports = { ...options, moduleResolution: ts.ModuleResolutionKind.Bundler };
    for (const [origin, how] of [[from, byExports], [kernelFile, options], [kernelFile, byExports]] as const) {
      const found = ts.resolveModuleName(name, origin, how, host);
      if (found.resolvedModule) return found;
    }
    return result;
  }

  return {
    resolveModuleNameLiterals: (literals: readonly { text: string }[], from: string, _redirect: unknown, options: tsForTslab.CompilerOptions) =>
      literals.map(({ text }) => resolve(text, from, options)),
    // TypeScript would resolve every import of every file again after each cell.
    hasInvalidatedResolutions: () => false,
  };
}
