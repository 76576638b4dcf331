import type { ClassRef, Target } from "../model/target";

/** What `--target` means: a class name as a whole, or an index or name, or several of them with commas. */
export function readTarget(text: string, classNames: readonly string[]): Target {
  if (classNames.includes(text)) return text;
  const refs = text.split(",").map((part): ClassRef => classRef(part.trim(), classNames));
  return refs.length === 1 ? refs[0] : refs;
}

function classRef(text: string, classNames: readonly string[]): ClassRef {
  return /^-?\d+(\.\d+)?$/.test(text) && !classNames.includes(text) ? Number(text) : text;
}
