// The declarations of earlier cells, in parts that stay as they are from cell to cell.
import type * as tsTypes from "typescript";

type SourceFile = tsTypes.SourceFile;

/** A part of the declarations: names in it are looked for in it first, then in older parts. */
interface Link {
  readonly file: SourceFile;
  readonly body: string;
  /** How often parts were made one to get it. */
  readonly level: number;
}

/** So many parts of a level become one of the next: few parts, and each declaration is read again only now and then. */
const PARTS_OF_A_LEVEL = 8;

/** What is new in some declarations, compared to those before. */
export interface Growth {
  /** The parts that stay, the oldest first. */
  kept: readonly SourceFile[];
  /** Those that are gone. */
  dropped: readonly SourceFile[];
  /** The text of the part to come; empty if there is nothing new. */
  body: string;
}

/**
 * Each cell leaves the declarations that were there, without what it declares again, and puts its own before them. So
 * they end with the parts that they consisted of, up to the first that the cell changed. A part refers to itself and to
 * older ones only, because what is newer than a change becomes one part with it.
 *
 * The compiler reads the new part and knows the others. When it read all of them for every cell, a cell took the longer
 * the more had been declared, and the checker, which keeps what it has seen, grew with the square of that.
 */
export class DeclarationChain {
  private links: Link[] = [];
  private level = 0;

  /** The parts, the oldest first. */
  get files(): SourceFile[] {
    return this.links.map(({ file }) => file);
  }

  /** All declarations are one part. */
  start(file: SourceFile, body: string): void {
    this.links = [{ file, body, level: Infinity }];
  }

  /** Compares declarations with those there are; to be followed by `grow`. */
  compare(text: string): Growth {
    let body = text,
      kept = 0;
    for (const each of this.links) {
      const rest = body.slice(0, body.length - each.body.length);
      if (!body.endsWith(each.body) || (rest !== "" && !rest.endsWith("\n"))) break;
      body = rest;
      kept++;
    }
    this.level = 0;
    for (let last = this.lastOfLevel(kept); body !== "" && kept - last >= PARTS_OF_A_LEVEL - 1;) {
      for (const each of this.links.slice(last, kept).reverse()) body += each.body;
      kept = last;
      this.level++;
      last = this.lastOfLevel(kept);
    }
    const files = this.files;
    return { kept: files.slice(0, kept), dropped: files.slice(kept), body };
  }

  /** Where the parts of the present level begin, of the first so many. */
  private lastOfLevel(count: number): number {
    let first = count;
    while (first > 0 && this.links[first - 1].level === this.level) first--;
    return first;
  }

  /** Takes over what was compared. */
  grow({ kept, body }: Growth, file: SourceFile | undefined): void {
    this.links.length = kept.length;
    if (file) this.links.push({ file, body, level: this.level });
  }
}
