import { norm } from "./gradient-step-reference";
import { cut } from "./pictures";
import { largest } from "./scores";
import type { Pixels, SmallNetwork } from "./small-network";

export interface FoolingSettings {
  /** Length of a step in the normalised space. */
  learningRate: number;
  /** Most steps. */
  maxSteps: number;
  /** Standard deviation by which each channel is divided, [channels]. */
  std: number[];
}

/** Parts of the ascent that can be exchanged for a slip. */
export interface FoolingVariant {
  readonly score?: "logit" | "probability" | "predicted logit" | "all logits";
  readonly toward?: 1 | -1;
  /** How the gradient is divided by its length. */
  readonly length?: "of each step" | "none" | "largest value" | "of squares" | "mean of squares" | "sum";
  /**
   * Where the standard deviation comes in: twice, as it should; in the gradient alone, in the step alone, or nowhere.
   */
  readonly std?: "both" | "gradient" | "step" | "none" | "divided";
  readonly stop?: "reached" | "one late" | "never";
  readonly from?: "where it is" | "the image";
  /** What is cut besides the result. */
  readonly cuts?: "each step" | "for the gradient";
  /** The prediction is looked at before the image is cut. */
  readonly uncut?: boolean;
}

export interface FoolingAnswer {
  readonly image: number[];
  readonly steps: number;
}

/** The targeted ascent in double precision, with any of its parts exchanged. */
export function referenceFooling(
  network: SmallNetwork,
  image: Pixels,
  target: number,
  settings: FoolingSettings,
  variant: FoolingVariant = {},
): FoolingAnswer {
  const {
    score = "logit",
    toward = 1,
    length = "of each step",
    std = "both",
    stop = "reached",
    from = "where it is",
  } = variant;
  const sigma = (p: number): number => settings.std[p % settings.std.length];
  const by = (p: number, times: boolean): number => (std === "divided" ? 1 / sigma(p) : times ? sigma(p) : 1);
  let x: Float64Array = Float64Array.from(image),
    steps = 0,
    late = false;
  while (steps < settings.maxSteps) {
    const there = largest(network.logits(variant.uncut ? x : cut(x))) === target;
    if (stop !== "never" && there && (stop === "reached" || late)) break;
    late = there;
    const raw = gradientOf(network, variant.cuts === "for the gradient" ? cut(x) : x, target, score);
    const g = raw.map((value, p) => value * by(p, std === "both" || std === "gradient"));
    const size =
      length === "none"
        ? 1
        : length === "largest value"
          ? Math.max(...g.map(Math.abs))
          : length === "of squares"
            ? norm(g) ** 2
            : length === "mean of squares"
              ? norm(g) / Math.sqrt(g.length)
              : length === "sum"
                ? g.reduce((sum, value) => sum + Math.abs(value), 0)
                : norm(g);
    const base = from === "the image" ? image : x;
    x = Float64Array.from(
      g,
      (value, p) =>
        base[p] + ((toward * settings.learningRate * value) / size) * by(p, std === "both" || std === "step"),
    );
    if (variant.cuts === "each step") x = Float64Array.from(cut(x));
    steps++;
  }
  return { image: cut(x), steps };
}

function gradientOf(
  network: SmallNetwork,
  x: Pixels,
  target: number,
  score: NonNullable<FoolingVariant["score"]>,
): Float64Array {
  const oneHot = (c: number): Float64Array => Float64Array.from({ length: 10 }, (_, k) => Number(k === c));
  if (score === "logit") return network.derivative(x, oneHot(target));
  if (score === "all logits") return network.derivative(x, new Float64Array(10).fill(1));
  if (score === "predicted logit") return network.derivative(x, oneHot(largest(network.logits(x))));
  const p = network.probabilities(x);
  return network.derivative(
    x,
    p.map((value, c) => p[target] * (Number(c === target) - value)),
  );
}

/** Usual slips and the words for them. */
export const foolingSlips: readonly (FoolingVariant & { readonly words: string })[] = [
  { toward: -1, words: "Sign: you go down the target's logit. Fooling means going up it." },
  {
    score: "probability",
    words:
      "Probability instead of logit: you climb the target's (log-)probability, after softmax. The score asked for is " +
      "the logit.",
  },
  {
    score: "predicted logit",
    words: "Wrong class: you climb the logit of the class that is predicted, not that of the target.",
  },
  {
    length: "none",
    words:
      "Length: you add learningRate times the gradient itself. Divide the gradient by its length (the root of " +
      "the sum of squares) first.",
  },
  {
    length: "largest value",
    words: "Length: you divide by the largest absolute value. The length is the root of the sum of squares.",
  },
  { length: "of squares", words: "Length: you divide by the sum of squares; its root is missing." },
  {
    std: "none",
    words:
      "Normalised space: `std` is missing. The step has its length in the space (image − mean)/std, so the " +
      "gradient and the step are both multiplied by std.",
  },
  {
    std: "gradient",
    words:
      "Normalised space: you multiply the gradient by std, but not the step. A step in the normalised space is " +
      "std times as long in pixel values.",
  },
  {
    std: "step",
    words:
      "Normalised space: you multiply the step by std, but not the gradient before its length is taken. By the " +
      "chain rule the gradient in the normalised space is std times the one in pixel values.",
  },
  {
    stop: "one late",
    words: "Stops too late: the target was predicted already before your last step. Look at where you test it.",
  },
  {
    stop: "never",
    words: "Does not stop: you go on to `maxSteps` although the target is predicted. Stop as soon as it is.",
  },
  {
    from: "the image",
    words: "Not kept: each step begins again at the image, or you take one step only. Steps add up.",
  },
  { score: "all logits", words: "Class: you climb the sum of all logits. Only the target's is asked for." },
  {
    std: "divided",
    words: "Normalised space: you divide by std. The gradient and the step are both multiplied by it.",
  },
  {
    length: "mean of squares",
    words: "Length: you divide by the root of the *mean* of squares. The length has the sum in its place.",
  },
  {
    length: "sum",
    words: "Length: you divide by the sum of absolute values. The length is the root of the sum of squares.",
  },
  {
    cuts: "each step",
    words:
      "Cut too often: you cut the image after each step. Only what is looked at and what is returned is " +
      "cut; x goes on uncut.",
  },
  {
    cuts: "for the gradient",
    words: "Cut too often: you take the gradient at the image that was cut. Take the step from x as it is.",
  },
  {
    uncut: true,
    words: "Not cut: you look at what is predicted for x as it is. Only x cut to [0, 1] is an image; look at that.",
  },
];
