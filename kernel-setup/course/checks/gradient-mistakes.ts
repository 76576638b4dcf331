import type { Maps, Mistake } from "./maps";
import { largest, targetLogit, wrongScores } from "./scores";
import type { Pixels, SmallNetwork } from "./small-network";

/** What usual slips give in place of the derivative of the target's logit, with the words for them. */
export function gradientMistakes(
  network: SmallNetwork,
  pixels: readonly Pixels[],
  target: readonly number[],
): Mistake[] {
  const right = pixels.map(targetLogit(network, target)),
    count = pixels.length;
  const predicted = pixels.map((image) => largest(network.logits(image)));
  const sum = right[0].map((_, p) => right.reduce((total, map) => total + map[p], 0));
  const times = (factor: number): Maps => right.map((map) => map.map((value) => factor * value));
  return [
    {
      maps: times(-1),
      words:
        "Sign: every value has the opposite sign. A pixel whose brightening raises the logit has a positive value.",
    },
    ...(count > 1
      ? [
          {
            maps: times(1 / count),
            words:
              `Scale: every value is ${count} times too small, and there are ${count} images. Is there a mean over ` +
              `the batch?`,
          },
          {
            maps: right.map(() => sum),
            words:
              "Batch summed: every image gets the same map, the sum over all the images. Each image needs its own.",
          },
          {
            maps: right.map(() => sum.map((value) => value / count)),
            words:
              "Batch summed: every image gets the same map, the mean over all the images. Each image needs its own.",
          },
        ]
      : []),
    {
      maps: right.map((map) => map.map(Math.abs)),
      words: "Sign lost: you give absolute values. Keep the signs; the absolute value is for drawing.",
    },
    {
      maps: right.map((map, i) => map.map((value, p) => value * pixels[i][p])),
      words: "Gradient times image: your map is multiplied by the image. The gradient alone is asked for.",
    },
    ...wrongScores(network, target, predicted).map(({ derivative, words }) => ({
      maps: pixels.map(derivative),
      words,
    })),
  ];
}
