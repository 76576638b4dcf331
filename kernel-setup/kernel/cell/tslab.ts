import * as path from "path";
import type * as tslabConverter from "tslab/dist/converter";
import type * as tslabMetadata from "tslab/dist/metadata";
import type * as tsForTslab from "@tslab/typescript-for-tslab";
import { lendPackages } from "./borrowed-packages";
import { lightBuilder } from "./light-builder";
import { withTrueNames } from "./prepare";
import { visitorOfShorthand } from "./shorthand";
import { CellMaps } from "./source-maps";
import { resolveModules } from "./type-resolution";

export type Converter = tslabConverter.Converter;
export type ConvertResult = tslabConverter.ConvertResult;
export type Diagnostic = tslabConverter.Diagnostic;
export type TypeScript = typeof tsForTslab;

/** The project's root, whose packages are the fall-back for cells: kernel-setup/dist/kernel/cell → four up. */
export const kernelRoot = path.resolve(__dirname, "../../../..");

/** The name tslab gives to the cell being compiled. */
const CELL_FILE = "__tslab__.ts";

/** tslab's own modules, running on a TypeScript whose options we set. */
export interface Tslab {
  ts: TypeScript;
  createConverter(): Converter;
  getCodeMetadata: typeof tslabMetadata.getCodeMetadata;
  maps: CellMaps;
}

/**
 * Loads tslab. Its converter fixes its compiler options; ours differ (source maps, top-level `await` as the language has
 * it, packages found from the kernel too), so it is given a TypeScript module in which some functions are wrapped.
 */
export function loadTslab(): Tslab {
  const file = require.resolve("@tslab/typescript-for-tslab", { paths: [path.dirname(require.resolve("tslab/package.json"))] });
  const original = require(file) as TypeScript;
  const maps = new CellMaps(original);
  const wrapped = { ...original };
  wrapped.createWatchCompilerHost = ((rootFiles: string[], options: tsForTslab.CompilerOptions, sys: tsForTslab.System, ...rest: never[]) => {
    const folder = original.sys.getCurrentDirectory();
    const { readFile } = sys;
    sys.readFile = (file, encoding) => {
      const text = readFile(file, encoding);
      return text !== undefined && path.basename(file) === CELL_FILE ? withTrueNames(text) : text;
    };
    lendPackages(sys, original.sys, folder, kernelRoot);
    const host = (original.createWatchCompilerHost as (...all: unknown[]) => tsForTslab.WatchCompilerHostOfFilesAndCompilerOptions<tsForTslab.BuilderProgram>)(
      [...rootFiles, ...preloaded(original, sys, folder)], { ...options, ...ourOptions(sys, options, folder) }, sys, lightBuilder(original), ...rest.slice(1));
    return Object.assign(host, resolveModules(original, host));
  }) as unknown as TypeScript["createWatchCompilerHost"];
  wrapped.transpileModule = (input, transpileOptions) => maps.transpile(input, transpileOptions);
  wrapped.visitEachChild = visitorOfShorthand(original);
  quietWatcher(original);
  require.cache[file]!.exports = wrapped;
  const { createConverter } = require("tslab/dist/converter") as typeof tslabConverter;
  const { getCodeMetadata } = require("tslab/dist/metadata") as typeof tslabMetadata;
  return { ts: original, createConverter: () => createConverter({}), getCodeMetadata, maps };
}

function ourOptions(sys: tsForTslab.System, options: tsForTslab.CompilerOptions, folder: string): Record<string, unknown> {
  const own = path.join(folder, "node_modules/@types").replace(/\\/g, "/");
  const roots = options.typeRoots ?? [];
  return {
    inlineSourceMap: true,
    // tslab's switch makes `await` an identifier at top level, and so `await (x)` a call.
    disableTopLevelAwait: false,
    // Every @types package would be loaded otherwise, mocha's globals included.
    types: ["node"],
    typeRoots: roots.some((root) => sys.fileExists(`${root}/node/package.json`)) ? roots : [own],
  };
}

/** The library's declarations are in the program from the start: nearly every sheet imports it, and reading them takes a second. */
function preloaded(ts: TypeScript, sys: tsForTslab.System, folder: string): string[] {
  const options = { moduleResolution: ts.ModuleResolutionKind.Node10 };
  const library = ts.resolveModuleName("vitrine", `${folder.replace(/\\/g, "/")}/cell.ts`, options, sys).resolvedModule;
  return library ? [library.resolvedFileName] : [];
}

/** Installed packages do not change under a running kernel, and polling their 700 declaration files is not free. */
function quietWatcher(ts: TypeScript): void {
  const watchFile = ts.sys.watchFile!;
  ts.sys.watchFile = (file, ...rest) => (file.includes("/node_modules/") ? { close: () => undefined } : watchFile(file, ...rest));
}
