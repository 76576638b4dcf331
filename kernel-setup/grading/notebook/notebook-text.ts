// The bytes of a file that should be a notebook, as text.

/** UTF-8, or UTF-16 as some editors on Windows save it: with a mark at the beginning, or a zero in every other byte. */
export function notebookText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const little = (first === 0xff && second === 0xfe) || (first !== 0 && second === 0);
  const big = (first === 0xfe && second === 0xff) || (first === 0 && second !== 0);
  // The decoder takes the mark away.
  return new TextDecoder(little ? "utf-16le" : big ? "utf-16be" : "utf-8").decode(bytes);
}

const kinds: readonly (readonly [RegExp, string])[] = [
  [/^PK\u0003\u0004/, "a zip archive"],
  [/^%PDF/, "a PDF"],
  [/^\s*(<!doctype|<html|<\?xml|<p>)/i, "a page of HTML"],
  [/^\u0089PNG|^\u00ff\u00d8\u00ff/, "a picture"],
  [/^\{\\rtf/, "a text of a word processor"],
  [/^\u00d0\u00cf\u0011\u00e0/, "a document of a word processor"],
];

/** What a file is that is no notebook, where its beginning tells; nothing of the file itself. */
export function otherKind(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return "empty";
  const start = Buffer.from(bytes.subarray(0, 64)).toString("latin1");
  return kinds.find(([begins]) => begins.test(start))?.[1];
}
