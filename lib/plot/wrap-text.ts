import type { Face } from "./render/fonts";
import { textWidth } from "./render/text-width";

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
