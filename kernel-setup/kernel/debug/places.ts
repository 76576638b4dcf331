// From compiled code to the student's TypeScript, for the debugger.
import { SourceMap, type SourceMapPayload } from "module";

/** Line and column, counted from 0 as the inspector does. */
export type Spot = readonly [line: number, column: number];
/** Line and column, counted from 1, in the student's text. */
export type Place = readonly [line: number, column: number];

/** How a text was compiled: its source maps, the last step first, and the lines that were put before its source. */
export interface Compilation {
  maps: readonly SourceMapPayload[];
  addedLines: number;
}

/**
 * The way back. A map knows only some places; what lies before the first of a line was not written by the student, but
 * added by the compiler, and has no place.
 */
export class Places {
  private readonly maps: readonly SourceMap[];

  constructor(
    { maps, addedLines }: Compilation,
    /** How many lines the student's text has, if that is known: what a map says lies behind it does not. */
    private readonly lines = Infinity,
  ) {
    this.maps = maps.map((each) => new SourceMap(each));
    this.added = addedLines;
  }

  private readonly added: number;

  at([line, column]: Spot): Place | null {
    for (const map of this.maps) {
      const entry = entryAt(map, line, column);
      if (!entry) return null;
      [line, column] = [entry.originalLine, entry.originalColumn];
    }
    const place = line + 1 - this.added;
    return place >= 1 && place <= this.lines ? [place, column + 1] : null;
  }
}

interface Entry {
  generatedLine: number;
  originalLine: number;
  originalColumn: number;
}

/** How far behind a spot the first place may be that the map knows: the shown result's assignment is our own. */
const AHEAD = 40;

/** The last entry of the line up to there, or else the next one. */
function entryAt(map: SourceMap, line: number, column: number): Entry | undefined {
  for (let ahead = 0; ahead < AHEAD; ahead++) {
    const found = map.findEntry(line, column + ahead) as Partial<Entry>;
    if (found.generatedLine === line && found.originalLine !== undefined) return found as Entry;
  }
  return undefined;
}
