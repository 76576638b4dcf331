import type { Maps, Mistake } from "./maps";
import { largest, targetLogit, wrongScores, type ScoreDerivative } from "./scores";
import type { Pixels, SmallNetwork } from "./small-network";

interface PathVariant {
  readonly derivative: ScoreDerivative;
  /** Where on the path gradients are taken. Default: (k − ½)/steps for k = 1 … steps. */
  readonly points?: readonly number[];
  /** The weight of each point's gradient. Default: 1/steps. */
  readonly weight?: number;
  /** Pixel of the path at `alpha`. Default: baseline + alpha (image − baseline). */
  readonly path?: (image: number, baseline: number, alpha: number) => number;
  /** What the mean gradient is multiplied by. Default: image − baseline. */
  readonly factor?: (image: number, baseline: number) => number;
}

/** The sum that defines integrated gradients, in double precision, with any of its parts exchanged. */
export function pathIntegral(
  images: readonly Pixels[],
  baselines: readonly Pixels[],
  steps: number,
  variant: PathVariant,
): Maps {
  const {
    derivative,
    points = between(1, steps).map((k) => (k - 0.5) / steps),
    weight = 1 / steps,
    path = (x, b, alpha) => b + alpha * (x - b),
    factor = (x, b) => x - b,
  } = variant;
  return images.map((image, i) => {
    const baseline = baselines[i],
      sum = new Float64Array(image.length);
    for (const alpha of points) {
      const at = Float64Array.from(image, (value, p) => path(value, baseline[p], alpha));
      derivative(at, i).forEach((value, p) => {
        sum[p] += weight * value;
      });
    }
    return sum.map((value, p) => value * factor(image[p], baseline[p]));
  });
}

const points = "The points are the middles of equal pieces, (k − ½)/steps with k = 1, …, steps.";

/** What usual slips give, with the words for them. */
export function integratedGradientsMistakes(
  network: SmallNetwork,
  images: readonly Pixels[],
  baselines: readonly Pixels[],
  target: readonly number[],
  steps: number,
): Mistake[] {
  const derivative = targetLogit(network, target);
  const slip = (words: string, variant: Partial<PathVariant>): Mistake => ({
    words,
    maps: pathIntegral(images, baselines, steps, { derivative, ...variant }),
  });
  const at = (first: number, last: number, place: (k: number) => number) => between(first, last).map(place);
  const middle = (k: number): number => (k - 0.5) / steps;
  const predicted = images.map((image) => largest(network.logits(image)));
  const right = pathIntegral(images, baselines, steps, { derivative });
  const sum = Float64Array.from(right[0], (_, p) => right.reduce((total, map) => total + map[p], 0));
  const black = baselines.map((baseline) => new Float64Array(baseline.length));
  return [
    slip(
      "Factor forgotten: this is the mean gradient along the path. The formula has one more factor, which says " +
        "how far each pixel moves.",
      { factor: () => 1 },
    ),
    slip(
      "Sign: every value has the opposite sign. From where to where does the path go, and which difference " +
        "belongs in front?",
      { factor: (x, b) => b - x },
    ),
    slip(
      "Baseline forgotten in the factor: the path is right, but you multiply by the image. How far does each " +
        "pixel move when it starts at the baseline?",
      { factor: (x) => x },
    ),
    {
      words: "Baseline forgotten: your result is the one for a black baseline. Where does the path begin?",
      maps: pathIntegral(images, black, steps, { derivative }),
    },
    slip(
      "Baseline forgotten on the path: the factor is right, but your path starts from black. Where should it begin?",
      { path: (x, _, alpha) => alpha * x },
    ),
    slip(
      "Path: you scale the difference but do not start from the baseline. At the beginning of the path the image " +
        "is the baseline itself.",
      { path: (x, b, alpha) => alpha * (x - b) },
    ),
    slip(
      "No path: you took the gradient at the image only and multiplied it. Integrated gradients take the mean " +
        "over the whole path.",
      { points: [1], weight: 1 },
    ),
    slip(
      "No path: you took the gradient at the baseline only. Integrated gradients take the mean over the whole path.",
      { points: [0], weight: 1 },
    ),
    slip(
      `Scale: every value is ${steps} times too large, and there are ${steps} steps. A mean is asked for, not a sum.`,
      { weight: 1 },
    ),
    slip(`Off by half a step: your points are the right ends of the pieces, k/steps. ${points}`, {
      points: at(1, steps, (k) => k / steps),
    }),
    slip(
      `Off by half a step: your points are the left ends of the pieces, beginning at the baseline itself. ${points}`,
      { points: at(0, steps - 1, (k) => k / steps) },
    ),
    slip(`Off by one: you took ${steps + 1} points, both ends included. ${points}`, {
      points: at(0, steps, (k) => k / steps),
      weight: 1 / (steps + 1),
    }),
    slip(`Off by one: you took ${steps + 1} points, both ends included, and divided by ${steps}. ${points}`, {
      points: at(0, steps, (k) => k / steps),
    }),
    slip(`Off by one: your points go from one end to the other in ${steps - 1} pieces. ${points}`, {
      points: at(0, steps - 1, (k) => k / (steps - 1)),
    }),
    slip(`Off by one: the last point is missing, the loop ends too early. ${points}`, {
      points: at(1, steps - 1, middle),
    }),
    slip(`Off by one: the first point is missing, the loop begins too late. ${points}`, {
      points: at(2, steps, middle),
    }),
    slip(`Off by one: there is a point too many, beyond the image; the loop ends too late. ${points}`, {
      points: at(1, steps + 1, middle),
    }),
    slip(`Off by one: there is a point too many, before the baseline; the loop begins too early. ${points}`, {
      points: at(0, steps, middle),
    }),
    slip(
      `Off by one: your k runs from 0 to ${steps - 1}, so that the first point lies before the baseline. Count from 1 ` +
        `to ${steps}, or take (k + ½)/steps. ${points}`,
      { points: at(0, steps - 1, middle) },
    ),
    slip(`Off by one: your points lie half a piece too far to the right, the last beyond the image. ${points}`, {
      points: at(2, steps + 1, middle),
    }),
    slip(`Off by one: your points are (k − 1)/steps or beyond an end; none is the middle of a piece. ${points}`, {
      points: at(-1, steps - 2, middle),
    }),
    slip("Steps ignored: your result is the one for 50 steps. The number of steps is an argument.", {
      points: at(1, 50, (k) => (k - 0.5) / 50),
      weight: 1 / 50,
    }),
    {
      words: "Sign lost: you give absolute values. Keep the signs; the absolute value is for drawing.",
      maps: right.map((map) => Array.from(map, Math.abs)),
    },
    {
      words: "Batch summed: every image gets the same map, the sum over all the images. Each image needs its own.",
      maps: right.map(() => sum),
    },
    {
      words: "Batch: the mean gradient was taken over all images and steps together. Each image needs its own mean.",
      maps: batchMean(images, baselines, steps, derivative),
    },
    slip(
      `Scale: every value is ${images.length} times too small, and there are ${images.length} images. Is there a ` +
        `mean over the batch?`,
      { weight: 1 / (steps * images.length) },
    ),
    ...wrongScores(network, target, predicted).map((wrong) => slip(wrong.words, { derivative: wrong.derivative })),
  ];
}

function batchMean(
  images: readonly Pixels[],
  baselines: readonly Pixels[],
  steps: number,
  derivative: ScoreDerivative,
): Maps {
  const means = pathIntegral(images, baselines, steps, { derivative, factor: () => 1 });
  return images.map((image, i) =>
    Array.from(
      image,
      (value, p) => ((value - baselines[i][p]) * means.reduce((sum, map) => sum + map[p], 0)) / images.length,
    ),
  );
}

const between = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);
