// Which TypeScript and JavaScript cells are written in.
import { existsSync } from "fs";
import * as path from "path";
import type * as tsTypes from "typescript";

type TypeScript = typeof tsTypes;

/** Parts of the language's library that came one by one, and whether the running Node has them. */
const PARTS: Record<string, () => boolean> = {
  "es2024.arraybuffer": () => "transfer" in ArrayBuffer.prototype,
  "es2024.collection": () => "groupBy" in Map,
  "es2024.object": () => "groupBy" in Object,
  "es2024.promise": () => "withResolvers" in Promise,
  "es2024.regexp": () => "unicodeSets" in RegExp.prototype,
  "es2024.sharedmemory": () => "waitAsync" in Atomics,
  "es2024.string": () => "isWellFormed" in String.prototype,
  "esnext.array": () => "fromAsync" in Array,
  "esnext.collection": () => "union" in Set.prototype,
  "esnext.disposable": () => "DisposableStack" in globalThis,
  "esnext.error": () => "isError" in Error,
  "esnext.float16": () => "Float16Array" in globalThis,
  "esnext.iterator": () => "Iterator" in globalThis,
  "esnext.promise": () => "try" in Promise,
  "esnext.sharedmemory": () => "pause" in Atomics,
};

/**
 * What holds where no tsconfig.json says otherwise: the library is that of the running Node, and what no Node has yet
 * (`using` in some, decorators) is written in terms of what it has.
 */
export function languageOptions(ts: TypeScript): tsTypes.CompilerOptions {
  const folder = path.dirname(ts.getDefaultLibFilePath({}));
  const parts = Object.entries(PARTS).flatMap(([name, isThere]) => {
    // A newer TypeScript may call it by its year.
    const names = [name, name.replace("esnext", "es2025"), name.replace("esnext", "es2026")];
    const file = names.map((each) => `lib.${each}.d.ts`).find((each) => existsSync(path.join(folder, each)));
    return file && isThere() ? [file] : [];
  });
  return { target: ts.ScriptTarget.ES2024, lib: ["lib.es2023.d.ts", ...parts] };
}

/** What the project says of decorators and JSX, for cells and for its files. */
export function syntaxOptions(ts: TypeScript, project: tsTypes.CompilerOptions): tsTypes.CompilerOptions {
  const { jsx, jsxFactory, jsxFragmentFactory, jsxImportSource } = project;
  const { experimentalDecorators, emitDecoratorMetadata, useDefineForClassFields } = project;
  const isLeft = jsx === undefined || jsx === ts.JsxEmit.Preserve || jsx === ts.JsxEmit.ReactNative;
  return {
    // Nobody compiles a cell once more.
    jsx: isLeft ? ts.JsxEmit.React : jsx,
    jsxFactory,
    jsxFragmentFactory,
    jsxImportSource,
    experimentalDecorators,
    emitDecoratorMetadata,
    useDefineForClassFields,
  };
}
