// Text in figures: measured, broken into lines, escaped; numbers in words.
import { textWidth, type Face } from "./font-metrics";

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
