// What a file may be given as: where it lies, or itself, as an input or a drop on a page gives it.

/** The path of a file or its address (http, https), or the file itself: a File, a Blob. */
export type FileSource = string | Blob;

/** For messages, and for what a name's ending tells. */
export const nameOf = (source: FileSource): string =>
  typeof source === "string" ? source : ((source as { name?: string }).name ?? "the file");

/** What a name ends with, in small letters: `.pth`; nothing where there is no dot. Of an address without its query. */
export const endingOf = (name: string): string =>
  /\.[^./\\]+$/.exec(/^https?:/i.test(name) ? name.replace(/[?#].*$/, "") : name)?.[0].toLowerCase() ?? "";

export const isAddress = (name: string): boolean => /^https?:/i.test(name);
