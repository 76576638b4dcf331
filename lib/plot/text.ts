// Text in figures: measured, broken into lines, escaped; numbers in words.
import { readFileSync } from "node:fs";
import { join, dirname } from "node:path";

/**
 * Breaks text into lines no wider than `width` pixels; what does not fit into `maxLines` ends in an ellipsis.
 * Measured in DejaVu, which is wider than the fonts browsers have, so that it fits there too.
 */
export function wrapText(
  text: string,
  width: number,
  size: number,
  { face = "sans", maxLines = 12 }: { face?: Face; maxLines?: number } = {},
): string[] {
  const fits = (line: string) => textWidth(line, size, face) <= width;
  const lines: string[] = [];
  for (const paragraph of text.split(/\n|<br\s*\/?>/)) {
    let line = "";
    for (const word of paragraph
      .split(/\s+/)
      .filter(Boolean)
      .flatMap((word) => (fits(word) ? [word] : broken(word, fits)))) {
      if (line && !fits(`${line} ${word}`)) {
        lines.push(line);
        line = word;
      } else line = line ? `${line} ${word}` : word;
    }
    lines.push(line);
  }
  if (lines.length <= maxLines) return lines;
  let last = lines[maxLines - 1];
  while (last && !fits(`${last}…`)) last = last.slice(0, -1);
  return [...lines.slice(0, maxLines - 1), `${last.trimEnd()}…`];
}

/** The pieces of a word that is wider than a line. */
function broken(word: string, fits: (text: string) => boolean): string[] {
  const pieces: string[] = [];
  let piece = "";
  for (const character of word) {
    if (piece && !fits(piece + character)) {
      pieces.push(piece);
      piece = "";
    }
    piece += character;
  }
  return [...pieces, piece];
}

/** Plotly reads text as HTML: what people wrote must come out as they wrote it. */
export const escaped = (text: string): string =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** A number with about four significant digits, as short as JSON can have it. */
export function compact(value: number): number {
  return Number(value.toPrecision(4)) + 0 || 0;
}

/** Rounds to a thousandth of `scale`: for large maps, whose bundles would otherwise weigh megabytes. */
export function compactTo(scale: number): (value: number) => number {
  const decimals = Math.min(100, Math.max(0, 3 - Math.floor(Math.log10(scale))));
  return (value) => Number(value.toFixed(decimals)) || 0;
}

/** For the ends of a colour bar: two significant digits, a true minus sign. */
export function tickText(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  const text =
    size >= 0.01 && size < 1000
      ? String(Number(size.toPrecision(2)))
      : size.toExponential(1).replace("e+", "e").replace(/\.0e/, "e");
  return (value < 0 ? "−" : "") + text.replace("e-", "e−");
}

/** The same with a plus sign, for what speaks for or against something. */
export const signedText = (value: number): string => (value > 0 ? "+" : "") + tickText(value);

/** A token with its place, in pixels from the text's top left corner. */
export interface PlacedToken {
  readonly token: string;
  /** As it is drawn: cut where it is wider than a line, a sign where it cannot be seen. */
  readonly shown: string;
  readonly left: number;
  readonly width: number;
  /** The line's middle. */
  readonly middle: number;
  readonly line: number;
}

interface Breaking {
  /** What stands between tokens. */
  join: string;
  width: number;
  size: number;
  lineHeight: number;
}

const signs: Readonly<Record<string, string>> = { "\n": "⏎", "\t": "⇥", "\r": "␍", "": "∅" };

/**
 * Puts tokens into lines. Characters are broken at spaces where a word fits into a line at all, words between each
 * other; after a token that is a new line a new line begins. Empty and invisible tokens have a place too.
 */
export function breakTokens(
  tokens: readonly string[],
  { join, width: most, size, lineHeight }: Breaking,
): { placed: PlacedToken[]; lines: number } {
  const side = join === "" ? 1.5 : 3,
    gap = join === "" ? 1 : Math.max(2, textWidth(join, size) - 2 * side);
  const boxes = tokens.map((token) => {
    const seen = signs[token] ?? token,
      shown = wrapText(seen.replace(/\s/g, "\u00a0"), most - 2 * side, size, { maxLines: 1 })[0] ?? "";
    return { token, shown, width: Math.max(size * 0.55, Math.ceil(textWidth(shown, size)) + 2 * side) };
  });
  const placed: PlacedToken[] = [];
  let line = 0,
    left = 0;
  units(tokens, join).forEach((unit) => {
    const whole = unit.reduce((sum, i) => sum + boxes[i].width + gap, -gap);
    if (left > 0 && left + whole > most && whole <= most) [line, left] = [line + 1, 0];
    for (const i of unit) {
      const box = boxes[i];
      if (left > 0 && left + box.width > most) [line, left] = [line + 1, 0];
      placed.push({ ...box, left, line, middle: (line + 0.5) * lineHeight });
      left += box.width + gap;
      if (box.token === "\n" && i < tokens.length - 1) [line, left] = [line + 1, 0];
    }
  });
  return { placed, lines: line + 1 };
}

/** Runs of tokens that stay on a line if they can: a word's characters with the space behind, or each token alone. */
function units(tokens: readonly string[], join: string): number[][] {
  const runs: number[][] = [];
  tokens.forEach((_, i) => {
    const follows = i > 0 && join === "" && !/^\s+$/.test(tokens[i - 1]);
    if (follows) runs[runs.length - 1].push(i);
    else runs.push([i]);
  });
  return runs;
}

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

/** The faces that pictures are drawn with, so that they look the same on every machine, also on one without fonts. */
const faces = {
  sans: "DejaVuSans.ttf",
  "sans-bold": "DejaVuSans-Bold.ttf",
  "sans-italic": "DejaVuSans-Oblique.ttf",
  "sans-bold-italic": "DejaVuSans-BoldOblique.ttf",
  mono: "DejaVuSansMono.ttf",
  "mono-bold": "DejaVuSansMono-Bold.ttf",
} as const;

export type Face = keyof typeof faces;

/** Family names as resvg finds them inside the files. */
export const sansFamily = "DejaVu Sans";
export const monoFamily = "DejaVu Sans Mono";

/** The path of a face's TrueType file. */
export function fontFile(face: Face): string {
  return join(dirname(require.resolve("dejavu-fonts-ttf/package.json")), "ttf", faces[face]);
}

export const fontFiles = (): string[] => (Object.keys(faces) as Face[]).map(fontFile);

/** Which face stands for a CSS font: only monospaced, bold and italic are told apart. */
export function faceOf(font: { family?: string; weight?: string | number; style?: string }): Face {
  const bold = font.weight === "bold" || font.weight === "bolder" || Number(font.weight) >= 600;
  if (/mono|courier|consol/i.test(font.family ?? "")) return bold ? "mono-bold" : "mono";
  const italic = /italic|oblique/.test(font.style ?? "");
  return bold ? (italic ? "sans-bold-italic" : "sans-bold") : italic ? "sans-italic" : "sans";
}
