import { textWidth } from "./render/text-width";
import { wrapText } from "./wrap-text";

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
