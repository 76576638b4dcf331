import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready, type VisionModel } from "vitrine";
import { checkSmoothGrad, type SmoothGradFunction } from "../../../../kernel-setup/course/checks";
import { failsWith, spoken } from "./spoken";

type Gradient = (x: tf.Tensor) => tf.Tensor;
const gradientOf =
  (model: VisionModel, target: number[]): Gradient =>
  (x) =>
    tf.grad((at) =>
      model
        .logits(at as tf.Tensor4D)
        .mul(tf.oneHot(target, 10))
        .sum(),
    )(x);
const samplesOf = (noise: tf.Tensor4D): tf.Tensor[] => noise.unstack();
const made =
  (
    make: (
      gradient: Gradient,
      images: tf.Tensor4D,
      samples: tf.Tensor[],
      model: VisionModel,
      target: number[],
    ) => tf.Tensor,
  ): SmoothGradFunction =>
  (model, images, target, noise) =>
    tf.tidy(() => make(gradientOf(model, target), images, samplesOf(noise), model, target));
const meanOf = (parts: tf.Tensor[]): tf.Tensor => tf.addN(parts).div(parts.length);
const right = made((gradient, images, samples) => meanOf(samples.map((sample) => gradient(images.add(sample)))));

describe("checkSmoothGrad", () => {
  before(async () => void (await ready()));

  it("says what is right, and leaves no tensors", async () => {
    const before = tf.memory().numTensors;
    const { lines, words } = await spoken(() => checkSmoothGrad(right));
    expect(words).to.equal(undefined);
    expect(lines).to.have.length(3);
    for (const line of lines) expect(line).to.match(/^✓ /);
    expect(tf.memory().numTensors).to.equal(before);
  });
  it("mentions tensors left behind, without failing", async () => {
    const { lines, words } = await spoken(() =>
      checkSmoothGrad((...args) => {
        tf.ones([2]);
        return right(...args);
      }),
    );
    expect(words).to.equal(undefined);
    expect(lines.at(-1)).to.match(/leaves 1 tensors in memory/);
  });

  const mistakes: [string, SmoothGradFunction, RegExp][] = [
    [
      "the stub",
      () => {
        throw new Error("not implemented");
      },
      /Task 2 is not implemented yet/,
    ],
    ["no noise", made((gradient, images) => gradient(images)), /Noise forgotten/],
    [
      "the first sample only",
      made((gradient, images, [first]) => gradient(images.add(first))),
      /One sample only: you use the first/,
    ],
    [
      "the last sample only",
      made((gradient, images, samples) => gradient(images.add(samples[samples.length - 1]))),
      /One sample only: you use the last/,
    ],
    [
      "the gradient at the mean",
      made((gradient, images, samples) => gradient(images.add(meanOf(samples)))),
      /Mean of the wrong thing/,
    ],
    [
      "one sample short",
      made((gradient, images, samples) => meanOf(samples.slice(0, -1).map((sample) => gradient(images.add(sample))))),
      /Off by one: the last/,
    ],
    [
      "one sample late",
      made((gradient, images, samples) => meanOf(samples.slice(1).map((sample) => gradient(images.add(sample))))),
      /Off by one: the first/,
    ],
    [
      "a sample for each image",
      made((gradient, images, samples) => gradient(images.add(tf.stack(samples.slice(0, 2))))),
      /One noise for each image/,
    ],
    [
      "a sum",
      made((gradient, images, samples) => tf.addN(samples.map((sample) => gradient(images.add(sample))))),
      /Scale: every value is 3 times too large/,
    ],
    [
      "absolute values before",
      made((gradient, images, samples) => meanOf(samples.map((sample) => gradient(images.add(sample)).abs()))),
      /Sign lost: you take the mean of absolute/,
    ],
    [
      "absolute values after",
      made((gradient, images, samples) => meanOf(samples.map((sample) => gradient(images.add(sample)))).abs()),
      /Sign lost: you give absolute/,
    ],
    [
      "squares",
      made((gradient, images, samples) => meanOf(samples.map((sample) => gradient(images.add(sample)).square()))),
      /Squares/,
    ],
    [
      "clipping",
      made((gradient, images, samples) =>
        meanOf(samples.map((sample) => gradient(images.add(sample).clipByValue(0, 1)))),
      ),
      /Clipped/,
    ],
    [
      "noise that adds up",
      made((gradient, images, samples) => {
        let x: tf.Tensor = images;
        return meanOf(samples.map((sample) => gradient((x = x.add(sample)))));
      }),
      /Noise added up/,
    ],
    [
      "the probability",
      made((_, images, samples, model, target) =>
        meanOf(
          samples.map((sample) =>
            tf.grad((x) =>
              model
                .probabilities(x as tf.Tensor4D)
                .mul(tf.oneHot(target, 10))
                .sum(),
            )(images.add(sample)),
          ),
        ),
      ),
      /Probability instead of logit/,
    ],
    [
      "no channels",
      made((gradient, images, samples) =>
        meanOf(samples.map((sample) => gradient(images.add(sample))))
          .abs()
          .max(3, true),
      ),
      /Shape: /,
    ],
    [
      "other noise",
      made((gradient, images, samples) => meanOf(samples.map((sample) => gradient(images.add(sample.mul(0.5)))))),
      /none of the usual slips/,
    ],
    [
      "disposing of the noise",
      async (model, images, target, noise) => {
        const map = await right(model, images, target, noise);
        noise.dispose();
        return map;
      },
      /disposes of the images or of the noise/,
    ],
  ];
  for (const [name, implementation, words] of mistakes) {
    it(`names the mistake: ${name}`, async () => {
      await failsWith(() => checkSmoothGrad(implementation), words);
    });
  }
});
