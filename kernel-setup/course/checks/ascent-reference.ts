import type { ScoreDerivative } from "./scores";
import { colourShape } from "./pictures";
import type { Pixels } from "./small-network";

const [height, width, channels] = colourShape;

export interface AscentSettings {
  /** η */
  readonly learningRate: number;
  /** λ */
  readonly l2: number;
}

/** Rows down and columns to the right. */
export type Shift = readonly [down: number, right: number];

export interface RunSettings extends AscentSettings {
  /** One shift for each iteration. */
  readonly shifts: readonly Shift[];
  /** Blur at every iteration whose number, counted from 0, is a multiple of it. */
  readonly blurEvery: number;
}

/** How a step may go wrong. */
export interface StepVariant {
  /** ∂/∂x of λ‖x‖², divided by λ. Default: 2x. */
  readonly penalty?: (x: Pixels) => ArrayLike<number>;
  /** What each image's gradient is divided by. Default: its own L2 norm. */
  readonly norm?: (gradients: readonly ArrayLike<number>[], index: number) => number;
  /** Default: 1. */
  readonly sign?: number;
}

/** How a run may go wrong. */
export interface RunVariant {
  readonly rollBack?: "not" | "again" | "swapped" | "only";
  readonly roll?: "not" | "first" | "swapped";
  readonly blur?: "never" | "always" | "later";
  readonly clamp?: "never" | "end";
  readonly blurFirst?: boolean;
  /** Change of the number of iterations. */
  readonly more?: number;
  /** Every iteration begins with the first images again. */
  readonly restart?: boolean;
  readonly step?: StepVariant;
}

export const euclidean = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values));

/** What a step adds to x, one array for each image. */
export function ascent(
  x: readonly Pixels[],
  derivative: ScoreDerivative,
  { learningRate, l2 }: AscentSettings,
  variant: StepVariant = {},
): number[][] {
  const {
    penalty = (image) => Array.from(image, (value) => 2 * value),
    norm = (gradients, index) => euclidean(gradients[index]),
    sign = 1,
  } = variant;
  const gradients = x.map((image, i) => {
    const pull = penalty(image);
    return Array.from(derivative(image, i), (value, at) => value - l2 * pull[at]);
  });
  return gradients.map((gradient, i) => gradient.map((value) => (sign * learningRate * value) / norm(gradients, i)));
}

/** The image moved down and to the right; what leaves on one side comes in on the other. */
export function rolled(x: Pixels, [down, right]: Shift): number[] {
  const wrap = (index: number, size: number): number => ((index % size) + size) % size;
  return Array.from({ length: height * width * channels }, (_, at) => {
    const row = Math.floor(at / (width * channels)),
      column = Math.floor(at / channels) % width;
    return x[(wrap(row - down, height) * width + wrap(column - right, width)) * channels + (at % channels)];
  });
}

/** What the check gives for a clamp and a blur: simple ones, the same for student and reference. */
export const clampTo = [-0.3, 1.1] as const;
export const clamped = (x: Pixels): number[] =>
  Array.from(x, (value) => Math.min(clampTo[1], Math.max(clampTo[0], value)));
/** Half of each pixel goes to the one below. */
export const smeared = (x: Pixels): number[] => {
  const moved = rolled(x, [1, 0]);
  return Array.from(x, (value, i) => 0.5 * value + 0.5 * moved[i]);
};

/** The whole recipe, or a variant of it, in plain numbers. */
export function referenceRun(
  start: readonly Pixels[],
  derivative: ScoreDerivative,
  settings: RunSettings,
  variant: RunVariant = {},
): number[][] {
  const { shifts, blurEvery } = settings;
  let x = start.map((image) => Array.from(image));
  for (let t = 0; t < shifts.length + (variant.more ?? 0); t++) {
    if (variant.restart) x = start.map((image) => Array.from(image));
    const [down, right] =
      variant.roll === "not" ? [0, 0] : variant.roll === "first" ? shifts[0] : shifts[t % shifts.length];
    const shift: Shift = variant.roll === "swapped" ? [right, down] : [down, right];
    const moved = x.map((image) => rolled(image, variant.rollBack === "only" ? [0, 0] : shift)),
      change = ascent(moved, derivative, settings, variant.step);
    const back: Shift =
      variant.rollBack === "not"
        ? [0, 0]
        : variant.rollBack === "again"
          ? shift
          : variant.rollBack === "swapped"
            ? [-shift[1], -shift[0]]
            : [-shift[0], -shift[1]];
    x = moved.map((image, i) =>
      rolled(
        image.map((value, at) => value + change[i][at]),
        back,
      ),
    );
    const blurs =
      variant.blur === "always" ||
      (variant.blur !== "never" && (t + (variant.blur === "later" ? 1 : 0)) % blurEvery === 0);
    if (blurs && variant.blurFirst) x = x.map(smeared);
    if (!variant.clamp) x = x.map(clamped);
    if (blurs && !variant.blurFirst) x = x.map(smeared);
  }
  return variant.clamp === "end" ? x.map(clamped) : x;
}
