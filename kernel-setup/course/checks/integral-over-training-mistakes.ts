import type { Maps, Mistake } from "./maps";
import { largest, targetLogit, wrongScores, type ScoreDerivative } from "./scores";
import type { Pixels, SmallNetwork } from "./small-network";

/** Each moment's maps: the derivative of some score of the network at that moment. */
const mapsOver = (
  networks: readonly SmallNetwork[],
  pixels: readonly Pixels[],
  score: (network: SmallNetwork) => ScoreDerivative,
): Maps[] => networks.map((network) => pixels.map(score(network)));

/** The sum of each moment's share. */
function summed(
  moments: readonly Maps[],
  share: (value: number, moment: number, image: number, at: number) => number = (value) => value,
): Maps {
  return moments[0].map((map, i) =>
    Array.from(map, (_, at) => moments.reduce((sum, maps, moment) => sum + share(maps[i][at], moment, i, at), 0)),
  );
}

/** The sum of the target logit's derivatives over the moments, by hand. */
export const rightIntegral = (
  networks: readonly SmallNetwork[],
  pixels: readonly Pixels[],
  target: readonly number[],
): Maps => summed(mapsOver(networks, pixels, (network) => targetLogit(network, target)));

/** What usual slips give, with the words for them. */
export function trainingMistakes(
  networks: readonly SmallNetwork[],
  pixels: readonly Pixels[],
  target: readonly number[],
): Mistake[] {
  const moments = mapsOver(networks, pixels, (network) => targetLogit(network, target));
  const count = moments.length,
    last = count - 1,
    right = summed(moments);
  const over = (
    words: string,
    share: (value: number, moment: number, image: number, at: number) => number,
  ): Mistake => ({ words, maps: summed(moments, share) });
  const final = (network: SmallNetwork): number[] => pixels.map((image) => largest(network.logits(image)));
  const everyMoment = networks.map((network) => wrongScores(network, target, final(network)));
  return [
    over(
      `Mean instead of sum: every value is ${count} times too small, and there are ${count} moments. The sum is ` +
        `asked for.`,
      (value) => value / count,
    ),
    {
      words:
        "Too late: every moment has the gradient of the network as it is at the end. `moments` yields one " +
        "network, whose weights move on: take its gradient at once, before you ask for the next.",
      maps: moments[last].map((map) => Array.from(map, (value) => count * value)),
    },
    over(
      "Last moment only: this is the gradient after training. Do you keep what was summed before?",
      (value, moment) => (moment === last ? value : 0),
    ),
    over(
      "First moment only: this is the gradient at the first moment. Does your function return inside the loop?",
      (value, moment) => (moment === 0 ? value : 0),
    ),
    ...(count > 2
      ? [
          over("Off by one: the first moment is missing from the sum.", (value, moment) => (moment === 0 ? 0 : value)),
          over("Off by one: the last moment is missing from the sum.", (value, moment) =>
            moment === last ? 0 : value,
          ),
        ]
      : []),
    over("Off by one: the last moment counts twice.", (value, moment) => (moment === last ? 2 * value : value)),
    over("Off by one: the first moment counts twice.", (value, moment) => (moment === 0 ? 2 * value : value)),
    over(
      "Change instead of sum: this is the last gradient minus the first.",
      (value, moment) => (moment === last ? value : 0) - (moment === 0 ? value : 0),
    ),
    over("Sign: every value has the opposite sign.", (value) => -value),
    over(
      "Gradient times image: your maps are multiplied by the image. Here the gradients alone are summed.",
      (value, _, i, at) => value * pixels[i][at],
    ),
    over("Sign lost: you sum absolute values. Gradients of opposite sign are to cancel.", (value) => Math.abs(value)),
    {
      words: "Sign lost: you give the absolute value of the sum. Keep the signs; the absolute value is for drawing.",
      maps: right.map((map) => Array.from(map, Math.abs)),
    },
    ...(pixels.length > 1
      ? [
          {
            words:
              "Batch summed: every image gets the same map, the sum over all the images. Each image needs its own.",
            maps: right.map(() => Array.from(right[0], (_, at) => right.reduce((sum, map) => sum + map[at], 0))),
          },
        ]
      : []),
    ...everyMoment[0].map(({ words }, which) => ({
      words: words.replace("the class that the network predicts", "the class that the network predicts at each moment"),
      maps: summed(mapsOver(networks, pixels, (network) => everyMoment[networks.indexOf(network)][which].derivative)),
    })),
  ];
}
