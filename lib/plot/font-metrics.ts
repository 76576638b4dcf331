// How wide text is: read from the font files themselves. A browser measures with its own.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { faces, type Face } from "./faces";

export type { Face } from "./faces";

/** Sizes of glyphs, read from a TrueType file, in ems. */
interface Metrics {
  ascent: number;
  descent: number;
  advance(codePoint: number): number;
}

const loaded = new Map<Face, Metrics>();

/**
 * The width of one line of text in pixels, from the font file itself: the same number on every machine, with or
 * without a native canvas. Kerning is left out (it would make some lines up to 2 % narrower).
 */
export function textWidth(text: string, size: number, face: Face = "sans"): number {
  const { advance } = metricsOf(face);
  let ems = 0;
  for (const character of text) ems += advance(character.codePointAt(0)!);
  return ems * size;
}

/** How far a face's lines reach above and below the baseline, in pixels, both positive. */
export function lineExtent(size: number, face: Face = "sans"): { above: number; below: number } {
  const { ascent, descent } = metricsOf(face);
  return { above: ascent * size, below: descent * size };
}

function metricsOf(face: Face): Metrics {
  let metrics = loaded.get(face);
  if (!metrics) loaded.set(face, (metrics = readMetrics(readFileSync(fontFile(face)))));
  return metrics;
}

function readMetrics(file: Buffer): Metrics {
  const tables = new Map<string, number>();
  for (let i = 0, count = file.readUInt16BE(4); i < count; i++) {
    tables.set(file.toString("latin1", 12 + 16 * i, 16 + 16 * i), file.readUInt32BE(12 + 16 * i + 8));
  }
  const unitsPerEm = file.readUInt16BE(tables.get("head")! + 18);
  const hhea = tables.get("hhea")!;
  const lastMetric = file.readUInt16BE(hhea + 34) - 1;
  const hmtx = tables.get("hmtx")!;
  const glyphOf = readCharacterMap(file, tables.get("cmap")!);
  return {
    ascent: file.readInt16BE(hhea + 4) / unitsPerEm,
    descent: -file.readInt16BE(hhea + 6) / unitsPerEm,
    advance: (codePoint) => file.readUInt16BE(hmtx + 4 * Math.min(glyphOf(codePoint), lastMetric)) / unitsPerEm,
  };
}

/** Reads the Basic Multilingual Plane's map (cmap format 4); other characters get glyph 0, the empty box. */
function readCharacterMap(file: Buffer, cmap: number): (codePoint: number) => number {
  let table = 0;
  for (let i = 0, count = file.readUInt16BE(cmap + 2); i < count; i++) {
    const offset = cmap + file.readUInt32BE(cmap + 4 + 8 * i + 4);
    if (file.readUInt16BE(offset) === 4) table = offset;
  }
  const twice = file.readUInt16BE(table + 6);
  const ends = table + 14;
  const starts = ends + twice + 2;
  return (codePoint) => {
    if (codePoint > 0xffff) return 0;
    for (let i = 0; i < twice; i += 2) {
      if (file.readUInt16BE(ends + i) < codePoint) continue;
      const start = file.readUInt16BE(starts + i);
      if (start > codePoint) return 0;
      const delta = file.readUInt16BE(starts + twice + i);
      const rangeAt = starts + 2 * twice + i;
      const range = file.readUInt16BE(rangeAt);
      const glyph = range === 0 ? codePoint : file.readUInt16BE(rangeAt + range + 2 * (codePoint - start));
      return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
    }
    return 0;
  };
}

/** The path of a face's TrueType file. */
export function fontFile(face: Face): string {
  return join(dirname(require.resolve("dejavu-fonts-ttf/package.json")), "ttf", faces[face]);
}

export const fontFiles = (): string[] => (Object.keys(faces) as Face[]).map(fontFile);
