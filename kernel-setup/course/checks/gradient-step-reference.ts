import type { Maps, Mistake } from "./maps";
import { cut } from "./pictures";
import { softmax, type Pixels, type SmallNetwork } from "./small-network";

/** How a gradient becomes a step. */
export type StepOf = (gradient: ArrayLike<number>, all: readonly ArrayLike<number>[]) => number[];

/** ∂ cross-entropy of a class with respect to an image: Σ (p − one-hot) · ∂ logits. */
export function lossGradient(network: SmallNetwork, pixels: Pixels, label: number): Float64Array {
  return network.derivative(
    pixels,
    network.probabilities(pixels).map((p, c) => p - Number(c === label)),
  );
}

const logitGradient = (network: SmallNetwork, pixels: Pixels, label: number): Float64Array =>
  network.derivative(
    pixels,
    Float64Array.from({ length: 10 }, (_, c) => Number(c === label)),
  );

/** Of the cross-entropy of probabilities that are taken for logits: through both softmaxes. */
function twiceGradient(network: SmallNetwork, pixels: Pixels, label: number): Float64Array {
  const p = network.probabilities(pixels),
    q = softmax(p);
  const outer = q.map((value, c) => value - Number(c === label));
  const inside = p.reduce((sum, value, c) => sum + value * outer[c], 0);
  return network.derivative(
    pixels,
    p.map((value, c) => value * (outer[c] - inside)),
  );
}

export const norm = (values: ArrayLike<number>): number =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0));
export const signs: StepOf = (gradient) => Array.from(gradient, Math.sign);
export const normed: StepOf = (gradient) => scaled(gradient, 1 / norm(gradient));
export const scaled = (gradient: ArrayLike<number>, factor: number): number[] =>
  Array.from(gradient, (value) => factor * value);

/** Images + size · step of each one's loss gradient, cut to [0, 1]. */
export function stepped(
  network: SmallNetwork,
  images: readonly Pixels[],
  labels: readonly number[],
  size: number,
  step: StepOf,
): Maps {
  const gradients = images.map((image, i) => lossGradient(network, image, labels[i]));
  return added(
    images,
    gradients.map((gradient) => step(gradient, gradients)),
    size,
  );
}

export const added = (images: readonly Pixels[], steps: Maps, size: number): number[][] =>
  images.map((image, i) => cut(Array.from(image, (value, p) => value + size * steps[i][p])));

/** What usual slips in a gradient step give, with the words for them. */
export function stepMistakes(
  network: SmallNetwork,
  images: readonly Pixels[],
  labels: readonly number[],
  size: number,
  step: StepOf,
): Mistake[] {
  const gradients = images.map((image, i) => lossGradient(network, image, labels[i]));
  const logits = images.map((image, i) => logitGradient(network, image, labels[i]));
  const predicted = images.map((image) => {
    const all = [...network.logits(image)];
    return all.indexOf(Math.max(...all));
  });
  const by = (given: readonly ArrayLike<number>[], factor = 1): Maps =>
    added(
      images,
      given.map((gradient) => step(gradient, given)),
      factor * size,
    );
  const steps = gradients.map((gradient) => step(gradient, gradients));
  // Cross-entropy of the logits as labels and the one-hot rows as logits: what TensorFlow.js takes for the derivative
  // with respect to the labels is labels − softmax(logits).
  const exchanged = images.map((image, i) =>
    network.derivative(
      image,
      Float64Array.from(
        network.logits(image),
        (score, c) => score - softmax(Float64Array.from({ length: 10 }, (_, k) => Number(k === labels[i])))[c],
      ),
    ),
  );
  return [
    {
      words: "Sign: you go down the loss, which makes the network surer of the label. The attack goes up.",
      maps: by(gradients, -1),
    },
    {
      words:
        "Score: you follow the gradient of the label's logit upward, which makes the network surer of the label. " +
        "The attack goes up the cross-entropy.",
      maps: by(logits),
    },
    {
      words:
        "Score: you lower the label's logit. The cross-entropy asked for also raises the other classes, each by " +
        "its probability: it has a (log-)softmax in it.",
      maps: by(logits, -1),
    },
    {
      words: "Class: you take the class that the network predicts. The label is given in `labels`, one for each image.",
      maps: by(images.map((image, i) => lossGradient(network, image, predicted[i]))),
    },
    {
      words: "Class: you take the first image's label for every image. `labels` has one for each image.",
      maps: by(images.map((image) => lossGradient(network, image, labels[0]))),
    },
    {
      words:
        "Class: the loss has the log-probabilities of all classes in it. Only the label's counts: multiply by " +
        "tf.oneHot(labels, …) before you sum.",
      maps: by(
        images.map((image) =>
          network.derivative(
            image,
            network.probabilities(image).map((p, _c, { length }) => length * p - 1),
          ),
        ),
      ),
    },
    {
      words:
        "Arguments exchanged: tf.losses.softmaxCrossEntropy takes the one-hot labels first, and the logits second.",
      maps: by(exchanged),
    },
    {
      words:
        "Size: your step is 255 times too small. Pixels have values from 0 to 1 here, and the size is given in them.",
      maps: by(gradients, 1 / 255),
    },
    {
      words: "Softmax twice: you take the (log-)softmax of probabilities. It belongs to the logits.",
      maps: by(images.map((image, i) => twiceGradient(network, image, labels[i]))),
    },
    {
      words: "Not cut: your images leave [0, 1]. What you return must be an image: tf.clipByValue(x, 0, 1).",
      maps: images.map((image, i) => Array.from(image, (value, p) => value + size * steps[i][p])),
    },
    {
      words: "Image forgotten: this is the step alone. The attack adds it to the image.",
      maps: steps.map((one) => scaled(one, size)),
    },
  ];
}
