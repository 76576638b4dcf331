import type { SmallNetwork, Pixels } from "./small-network";

/** The derivative of some score with respect to image `index`'s pixels, taken at `pixels`. */
export type ScoreDerivative = (pixels: Pixels, index: number) => Float64Array;

export interface WrongScore {
  readonly derivative: ScoreDerivative;
  readonly words: string;
}

/** Index of the largest value; of several, the first. */
export const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((best, value, i) => (value > values[best] ? i : best), 0);

/** The logit of each image's target. */
export function targetLogit(network: SmallNetwork, target: readonly number[]): ScoreDerivative {
  return (pixels, index) => network.derivative(pixels, oneHot(target[index]));
}

/**
 * Scores that are often explained by mistake in place of the target's logit.
 * @param predicted what the network predicts for each whole image
 */
export function wrongScores(
  network: SmallNetwork,
  target: readonly number[],
  predicted: readonly number[],
): WrongScore[] {
  const logProbability: ScoreDerivative = (pixels, index) => {
    const probabilities = network.probabilities(pixels);
    return network.derivative(
      pixels,
      oneHot(target[index]).map((one, c) => one - probabilities[c]),
    );
  };
  return [
    {
      words:
        "Probability instead of logit: you explain the probability (after softmax), which also falls when " +
        "another class rises. The score asked for is the logit.",
      derivative: (pixels, index) => {
        const probability = network.probabilities(pixels)[target[index]];
        return logProbability(pixels, index).map((value) => probability * value);
      },
    },
    {
      words:
        "Log-probability instead of logit: somewhere there is a (log-)softmax. The score asked for is the logit " +
        "itself.",
      derivative: logProbability,
    },
    {
      words: "Loss instead of logit: this explains the cross-entropy loss. The score asked for is the logit itself.",
      derivative: (pixels, index) => logProbability(pixels, index).map((value) => -value),
    },
    {
      words:
        "Wrong class: you explain the class that the network predicts, not the class that was asked for in `target`.",
      derivative: targetLogit(network, predicted),
    },
    {
      words:
        "Wrong class: you explain the first image's target for every image. `target` has one class for each image.",
      derivative: targetLogit(
        network,
        target.map(() => target[0]),
      ),
    },
    ...(target.length > 1
      ? [
          {
            words:
              "Classes mixed: for each image you explain the sum of the logits of all the classes in `target` " +
              "(tf.gather(logits, target, 1) takes them all). Image i has target[i] alone: tf.oneHot picks it.",
            derivative: ((pixels) =>
              network.derivative(
                pixels,
                oneHot(0).map((_, c) => target.filter((each) => each === c).length),
              )) satisfies ScoreDerivative,
          },
        ]
      : []),
    {
      words: "All classes at once: you explain the sum of all the logits. Only the target's logit is asked for.",
      derivative: (pixels) => network.derivative(pixels, new Float64Array(network.model.classNames.length).fill(1)),
    },
  ];
}

/**
 * Classes to ask for: none is what the network predicts for that image, and no two are the same, so that explaining
 * another class shows.
 */
export function askedClasses(predicted: readonly number[], classes: number): number[] {
  const asked: number[] = [];
  predicted.forEach((avoid) => {
    let choice = (avoid + 3) % classes;
    while (choice === avoid || asked.includes(choice)) choice = (choice + 1) % classes;
    asked.push(choice);
  });
  return asked;
}

const oneHot = (index: number): Float64Array => Float64Array.from({ length: 10 }, (_, c) => (c === index ? 1 : 0));
