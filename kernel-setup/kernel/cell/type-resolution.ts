import { isBuiltin } from "module";
import * as path from "path";
import type * as tsTypes from "typescript";
import type { BundledTypes } from "./bundled-types";
import { withoutNpm } from "./install";
import { nodePath } from "./package-resolver";

type TypeScript = typeof tsTypes;
export type Resolved = tsTypes.ResolvedModuleWithFailedLookupLocations;

/**
 * Finds the declarations of an imported package: as tslab does, and where that fails through the package's `exports`
 * map.
 */
export function resolveModules(
  ts: TypeScript,
  host: tsTypes.ModuleResolutionHost,
  bundles: readonly BundledTypes[],
): Resolution {
  // Only packages' own imports are cached: a student may write a file and import it in the next cell.
  let cache: tsTypes.ModuleResolutionCache | undefined, cacheByExports: tsTypes.ModuleResolutionCache | undefined;

  function resolve(written: string, from: string, options: tsTypes.CompilerOptions): Resolved {
    const name = withoutNpm(written);
    // Two thousand imports are inside the bundle, from one of its modules to another.
    const bundle = bundles.find(({ file }) => file === from);
    if (bundle && bundles.some((each) => each.has(name))) return DECLARED;
    const resolved = inPackages(name, bundle?.origin ?? from, options);
    // What cannot be resolved is looked for among the declared modules. Each bundle is asked, since each may see that
    // it does not fit.
    const declared = bundles.filter((each) => each.declares(name, resolved.resolvedModule?.resolvedFileName, from));
    return declared.length > 0 ? { ...resolved, resolvedModule: undefined } : resolved;
  }

  function inPackages(name: string, from: string, options: tsTypes.CompilerOptions): Resolved {
    const inPackage = from.includes("/node_modules/");
    cache ??= ts.createModuleResolutionCache(path.dirname(from), (file) => file, options);
    const result = ts.resolveModuleName(name, from, options, host, inPackage ? cache : undefined);
    if ((result.resolvedModule && !isUntyped(result.resolvedModule)) || name.startsWith(".")) return result;
    const bundler = { ...options, moduleResolution: ts.ModuleResolutionKind.Bundler };
    cacheByExports ??= ts.createModuleResolutionCache(path.dirname(from), (file) => file, bundler);
    const byExports = ts.resolveModuleName(name, from, bundler, host, inPackage ? cacheByExports : undefined);
    if (byExports.resolvedModule) return byExports;
    return result.resolvedModule ? result : (inNodePath(name, options) ?? result);
  }

  /** In the folders that the environment names, where `require` looks last. */
  function inNodePath(name: string, options: tsTypes.CompilerOptions): Resolved | undefined {
    for (const folder of nodePath()) {
      const isUsual = path.basename(folder) === "node_modules";
      const from = `${(isUsual ? path.dirname(folder) : folder).replace(/\\/g, "/")}/cell.ts`;
      const found = ts.resolveModuleName(isUsual ? name : `./${name}`, from, options, host);
      if (found.resolvedModule)
        return { ...found, resolvedModule: { ...found.resolvedModule, isExternalLibraryImport: true } };
    }
    return undefined;
  }

  // Whether a package's declarations are of an ES module: of each file again after each cell, where nobody keeps it.
  const createFormats = (): tsTypes.ModuleResolutionCache =>
    ts.createModuleResolutionCache(host.getCurrentDirectory?.() ?? "", (file) => file);
  let formats = createFormats();
  // True until a program was made after packages changed.
  let allInvalid = false;
  const typeReferences = new Map<string, tsTypes.ResolvedTypeReferenceDirectiveWithFailedLookupLocations>();
  const hooks = {
    getModuleResolutionCache: () => formats,
    resolveModuleNameLiterals: (
      literals: readonly { text: string }[],
      from: string,
      _redirect: unknown,
      options: tsTypes.CompilerOptions,
    ) => literals.map(({ text }) => resolve(text, from, options)),
    // Left to itself TypeScript would have the system watch all folders in which it looked for them.
    resolveTypeReferenceDirectiveReferences: (
      references: readonly (string | { fileName: string })[],
      from: string,
      _redirect: unknown,
      options: tsTypes.CompilerOptions,
    ) =>
      references.map((reference) => {
        const name = typeof reference === "string" ? reference : reference.fileName;
        const key = `${path.dirname(from)}\n${name}`;
        const known = typeReferences.get(key) ?? ts.resolveTypeReferenceDirective(name, from, options, host);
        typeReferences.set(key, known);
        return known;
      }),
    // TypeScript would resolve every import of every file again. The student's own may come to exist.
    hasInvalidatedResolutions: (file: string) => allInvalid || !DECLARATIONS.test(file),
  };
  return {
    hooks,
    resolve,
    isLasting: (name, found) =>
      !/^\.{0,2}(\/|$)/.test(name) &&
      (found.resolvedModule !== undefined || isBuiltin(name) || bundles.some((each) => each.has(name))),
    forget: () => {
      allInvalid = true;
      cache = cacheByExports = undefined;
      formats = createFormats();
      typeReferences.clear();
    },
    settled: () => {
      allInvalid = false;
    },
  };
}

/** How names of modules are resolved, and what is kept of it. */
export interface Resolution {
  /** For the compiler's host. */
  hooks: object;
  resolve(name: string, from: string, options: tsTypes.CompilerOptions): Resolved;
  /** Will the name mean the same until packages change? Not that of a file, nor of what nobody found. */
  isLasting(name: string, found: Resolved): boolean;
  /** Packages changed: the next program resolves everything again. */
  forget(): void;
  /** That program was made. */
  settled(): void;
}

/** It is no file: a module that another file declares. */
const DECLARED = { resolvedModule: undefined, failedLookupLocations: [] } as unknown as Resolved;

const DECLARATIONS = /\.d\.[cm]?ts$/;

/** JavaScript without declarations, though the exports map may name some. */
const isUntyped = ({ extension, isExternalLibraryImport }: tsTypes.ResolvedModuleFull): boolean =>
  isExternalLibraryImport === true && /^\.[cm]?jsx?$/.test(extension);

/** Which of the student's own files an import means; undefined for packages and what only declares types. */
export type LocalFileFinder = (name: string, from: string, isVirtual: (file: string) => boolean) => string | undefined;

export function localFileFinder(ts: TypeScript, folder: string, project: tsTypes.CompilerOptions): LocalFileFinder {
  const options = {
    ...project,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    allowJs: true,
    resolveJsonModule: true,
    allowImportingTsExtensions: true,
  };
  const mapped = Object.keys(project.paths ?? {}).map((pattern) => pattern.split("*")[0]);
  return (name, from, isVirtual) => {
    const relative = /^\.{0,2}(\/|$)/.test(name);
    if (!relative && project.baseUrl === undefined && !mapped.some((prefix) => name.startsWith(prefix)))
      return undefined;
    const host: tsTypes.ModuleResolutionHost = {
      ...ts.sys,
      getCurrentDirectory: () => folder,
      fileExists: (file) => isVirtual(file) || ts.sys.fileExists(file),
    };
    const file = ts.resolveModuleName(name, from.replace(/\\/g, "/"), options, host).resolvedModule?.resolvedFileName;
    return file &&
      /\.([cm]?[jt]sx?|json)$/.test(file) &&
      !/\.d\.[cm]?ts$/.test(file) &&
      !file.includes("/node_modules/")
      ? file
      : undefined;
  };
}
