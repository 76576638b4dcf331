import * as path from "path";
import type * as tsTypes from "typescript";
import { internals } from "./typescript-internals";

type TypeScript = typeof tsTypes;

const REFERENCE = /^\/\/\/ <reference (path|lib)="([^"]+)"[^>]*\/>[ \t]*$/gm;
const IS_MODULE = /^(import|export)\b/m;

/**
 * TypeScript's own declarations and Node's are many small files, each naming others. The compiler is given them as a
 * few large ones, with those in place of their names: it need not go through them all for every cell, nor merge again
 * what each says about `Array`.
 */
export function inlineReferences(ts: TypeScript, sys: tsTypes.System): void {
  const { readFile } = sys;
  const { libMap } = internals(ts);
  const libraries = path.dirname(ts.getDefaultLibFilePath({})).replace(/\\/g, "/");
  const inlined = new Set<string>();
  const texts = new Map<string, string>();

  /** The file's text, with the files it names before it. Of `head`, what must stand at the beginning of the whole. */
  const expand = (file: string, text: string, root: string, head: Set<string>): string => {
    const before: string[] = [];
    const rest = text.replace(REFERENCE, (reference: string, kind: string, name: string) => {
      const library = libMap.get(name);
      if (kind === "lib" && !(library && path.posix.dirname(file) === libraries)) return (void head.add(reference), "");
      const named = kind === "lib" ? `${libraries}/${library}` : path.posix.join(path.posix.dirname(file), name);
      if (inlined.has(named)) return "";
      const content = readFile(named) ?? "";
      if (IS_MODULE.test(content))
        return (void head.add(`/// <reference path="${path.posix.relative(path.posix.dirname(root), named)}" />`), "");
      inlined.add(named);
      before.push(expand(named, content, root, head));
      return "";
    });
    return [...before, rest].join("\n");
  };

  sys.readFile = (file, encoding) => {
    const text = readFile(file, encoding);
    const isLibrary = path.posix.dirname(file) === libraries && file.endsWith(".d.ts");
    if (text === undefined || !(isLibrary || file.endsWith("/node_modules/@types/node/index.d.ts"))) return text;
    if (texts.has(file)) return texts.get(file);
    if (inlined.has(file)) return "";
    inlined.add(file);
    const head = new Set<string>();
    const body = expand(file, text, file, head);
    texts.set(file, [...head, isLibrary ? `/// <reference no-default-lib="true"/>` : "", body].join("\n"));
    return texts.get(file);
  };
}
