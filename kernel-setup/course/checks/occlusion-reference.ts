import { largest } from "./scores";
import type { Pixels, SmallNetwork } from "./small-network";

/** Upper left corner of a window, [row, column], counted from 0. */
export type TopLeft = [row: number, column: number];

export interface AttackSettings {
  /** Side of the square window, in pixels. */
  window: number;
  /** How far apart neighbouring windows are, in pixels. */
  stride: number;
  /** Most windows to set to 0. */
  maxSteps: number;
}

/** Parts of the attack that can be exchanged for a slip. */
export interface AttackVariant {
  /** Which window is taken. Default: the one that leaves the lowest score. */
  readonly take?: "lowest" | "highest";
  /** What is made low. Default: the logit of the class predicted at first. */
  readonly score?: "logit" | "probability" | "largest logit" | "class 0";
  /** Whether windows are ranked again after each step, on the image as it then is. Default: yes. */
  readonly rank?: "each step" | "once";
  /** Whether earlier windows stay 0. Default: yes. */
  readonly keep?: boolean;
  /** Where the last window of a row stands. Default: where it just fits. */
  readonly last?: "fits" | "one short" | "sticks out";
  /** What windows are apart. Default: the stride. */
  readonly apart?: "stride" | "window" | "one pixel";
  /** Default: when the prediction is another class. */
  readonly stop?: "flipped" | "one late" | "never";
  /** Whether a window may be taken again. Default: no. */
  readonly again?: boolean;
  /** What pixels are set to. Default: 0. */
  readonly value?: number;
}

const side = 28;

/** The greedy occlusion attack in double precision, with any of its parts exchanged. */
export function referenceAttack(
  network: SmallNetwork,
  pixels: Pixels,
  settings: AttackSettings,
  variant: AttackVariant = {},
): TopLeft[] {
  const { rank = "each step", keep = true, stop = "flipped", again = false, value = 0 } = variant;
  const predicted = largest(network.logits(pixels));
  const chosen: TopLeft[] = [];
  let current: Float64Array = Float64Array.from(pixels),
    late = false;
  while (chosen.length < settings.maxSteps) {
    const from = rank === "once" ? Float64Array.from(pixels) : current;
    const free = positions(settings, variant).filter((place) => again || !chosen.some((taken) => same(taken, place)));
    if (free.length === 0) break;
    const best =
      free[
        lowest(free.map((place) => scoreOf(network, setTo(from, [place], settings.window, value), predicted, variant)))
      ];
    chosen.push(best);
    current = keep ? setTo(current, [best], settings.window, value) : Float64Array.from(pixels);
    const shown = keep ? current : setTo(current, [best], settings.window, value);
    if (late) break;
    if (stop !== "never" && largest(network.logits(shown)) !== predicted) {
      if (stop === "flipped") break;
      late = true;
    }
  }
  return chosen;
}

/** The image with the windows set to `value`; what of a window sticks out is cut off. */
export function setTo(pixels: Pixels, windows: readonly TopLeft[], size: number, value = 0): Float64Array {
  const result = Float64Array.from(pixels);
  for (const [row, column] of windows) {
    for (let y = row; y < Math.min(side, row + size); y++)
      result.fill(value, y * side + column, y * side + Math.min(side, column + size));
  }
  return result;
}

/** Row by row, all places where a window may stand. */
export function positions(
  { window, stride }: AttackSettings,
  { last = "fits", apart = "stride" }: AttackVariant = {},
): TopLeft[] {
  const step = apart === "stride" ? stride : apart === "window" ? window : 1;
  const end = last === "fits" ? side - window : last === "one short" ? side - window - 1 : side - 1;
  const places: TopLeft[] = [];
  for (let row = 0; row <= end; row += step)
    for (let column = 0; column <= end; column += step) places.push([row, column]);
  return places;
}

function scoreOf(
  network: SmallNetwork,
  pixels: Pixels,
  predicted: number,
  { take = "lowest", score = "logit" }: AttackVariant,
): number {
  const logits = network.logits(pixels);
  const value = {
    logit: () => logits[predicted],
    probability: () => network.probabilities(pixels)[predicted],
    "largest logit": () => Math.max(...logits),
    "class 0": () => logits[0],
  }[score]();
  return take === "lowest" ? value : -value;
}

const lowest = (values: readonly number[]): number => largest(values.map((value) => -value));
export const same = (a: Readonly<TopLeft>, b: Readonly<TopLeft>): boolean => a[0] === b[0] && a[1] === b[1];
