export interface JsonBounds {
  /** Lists and objects, in all. */
  readonly lists: number;
  /** How deep they lie in each other. */
  readonly depth: number;
  /** Numbers and texts between them. */
  readonly items: number;
  /** Lists and objects in the lists of the outermost object: the cells of a notebook. */
  readonly cells?: number;
  /** Named parts of objects, in all: each other name takes the reader time and memory of its own. */
  readonly parts?: number;
  /** What parts of objects may be called. */
  readonly names?: ReadonlySet<string>;
}

/** What there is too much of in a text that is to be JSON, counted without making what JSON.parse would make of it. */
export function tooMuchIn(text: string, most: JsonBounds): keyof JsonBounds | undefined {
  let lists = 0,
    depth = 0,
    items = 0,
    cells = 0,
    parts = 0,
    textAt = 0,
    textEnd = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        textAt = at + 1;
        textEnd = at = endOfText(text, at);
        break;
      case 0x3a: // : after a name
        if (++parts > (most.parts ?? Infinity)) return "parts";
        if (most.names && !most.names.has(text.slice(textAt, textEnd))) return "names";
        break;
      case 0x5b:
      case 0x7b: // [ {
        if (++lists > most.lists) return "lists";
        if (++depth > most.depth) return "depth";
        if (depth === 3 && ++cells > (most.cells ?? Infinity)) return "cells";
        break;
      case 0x5d:
      case 0x7d: // ] }
        depth--;
        break;
      case 0x2c: // ,
        if (++items > most.items) return "items";
    }
  }
  return undefined;
}

function endOfText(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return text.length;
}
