import * as path from "path";
import type * as tsForTslab from "@tslab/typescript-for-tslab";

type TypeScript = typeof tsForTslab;
type Resolved = tsForTslab.ResolvedModuleWithFailedLookupLocations;

/** Finds the declarations of an imported package: as tslab does, and where that fails through the package's `exports` map. */
export function resolveModules(ts: TypeScript, host: tsForTslab.ModuleResolutionHost): object {
  // Only packages' own imports are cached: a student may install a package and import it in the next cell.
  let cache: tsForTslab.ModuleResolutionCache | undefined;

  function resolve(name: string, from: string, options: tsForTslab.CompilerOptions): Resolved {
    const inPackage = from.includes("/node_modules/");
    cache ??= ts.createModuleResolutionCache(path.dirname(from), (file) => file, options);
    const result = ts.resolveModuleName(name, from, options, host, inPackage ? cache : undefined);
    if (result.resolvedModule || inPackage || name.startsWith(".")) return result;
    const byExports = ts.resolveModuleName(name, from, { ...options, moduleResolution: ts.ModuleResolutionKind.Bundler }, host);
    return byExports.resolvedModule ? byExports : result;
  }

  return {
    resolveModuleNameLiterals: (literals: readonly { text: string }[], from: string, _redirect: unknown, options: tsForTslab.CompilerOptions) =>
      literals.map(({ text }) => resolve(text, from, options)),
    // TypeScript would resolve every import of every file again after each cell.
    hasInvalidatedResolutions: () => false,
  };
}
