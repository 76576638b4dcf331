import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { inputGradient } from "../../../lib/backend/input-gradient";
import type { VisionModel } from "../../../lib/model/vision-model";
import { objectives, regularizers } from "../../../lib/visualize";
import { forward, type Term } from "../../../lib/visualize/term";
import type { Objective } from "../../../lib/visualize/objectives";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";
import { finiteDifference, keptDifferences, relativeError } from "../../helpers/finite-difference";
import { oracleLogits } from "../../helpers/tiny-oracle";
import { tinyImages, tinyModel, tinyPixels, tinyPixelsOf, tinyWeights } from "../../helpers/tiny-model";

const weights = tinyWeights("smooth"),
  mean = [0.4, 0.5],
  std = [0.2, 0.3];
const tiny = tinyModel(weights);
const model: VisionModel = {
  ...tiny,
  normalization: { mean, std },
  activations: (images, layer) => (layer === "dense" ? tiny.logits(images) : tiny.activations(images, layer)),
};
const count = 3,
  pixels = tinyPixelsOf(count);
/** Pixel values of one image, [y][x][channel]. */
const picture =
  (i: number) =>
  (y: number, x: number, c: number): number =>
    pixels[i * tinyPixels + (y * 5 + x) * 2 + c];
const everywhere = (visit: (y: number, x: number, c: number) => number): number => {
  let sum = 0;
  for (let y = 0; y < 6; y++) for (let x = 0; x < 5; x++) for (let c = 0; c < 2; c++) sum += visit(y, x, c);
  return sum;
};

/** A term's value for each of the three images, as a function of them. */
function valueOf(term: Term): { of(images: tf.Tensor4D): tf.Tensor1D; dispose(): void } {
  const ready = term.prepare(model, count);
  return {
    of: (images) =>
      tf.tidy(() => {
        const kept: tf.Tensor[] = [];
        const value = ready.value(
          { images, shown: images, ...forward(model, images, term.demands, kept) },
          ready.inputs,
        );
        return value;
      }),
    dispose: () => tf.dispose([...ready.inputs]),
  };
}

const differences = keptDifferences();

/**
 * @returns the values, and the gradient of their sum with respect to the images by TF.js and, of a term with a name, by
 * finite differences
 */
function evaluated(
  term: Term,
  name?: string,
): { values: Float32Array; gradient: Float32Array; difference?: Float64Array } {
  const images = tinyImages(pixels),
    value = valueOf(term);
  try {
    const [values, gradient] = tf.tidy(() =>
      [value.of(images), inputGradient((x) => value.of(x), images)].map((tensor) => tensor.dataSync() as Float32Array),
    );
    return {
      values,
      gradient,
      ...(name && {
        difference: differences(name, () => finiteDifference((x) => value.of(x as tf.Tensor4D), images, 3e-3)),
      }),
    };
  } finally {
    value.dispose();
    images.dispose();
  }
}

/** A layer's activations of one image, [place][channel]. */
function activations(layer: string, i: number): number[][] {
  return tf.tidy(() => {
    const all = model.activations(tinyImages(pixels), layer);
    return (all.reshape([count, -1, all.shape.at(-1)!]).arraySync() as number[][][])[i];
  });
}
const judge = tinyWeights("smooth", 5);
/** log softmax */
const logShare = (logits: ArrayLike<number>, index: number): number =>
  logits[index] - Math.log(Array.from(logits).reduce((sum, value) => sum + Math.exp(value), 0));
/** The weights of a network that is one dense layer. */
const slopes = (at: number, label: number): number => Math.sin(3 * at + 5 * label);
function dense(inputShape: [number, number, number]): VisionModel {
  const size = inputShape[0] * inputShape[1] * inputShape[2];
  const kernel = Array.from({ length: size }, (_, at) => [slopes(at, 0), slopes(at, 1)]);
  return {
    ...tinyModel(judge),
    inputShape,
    classNames: ["visualization", "photograph"],
    logits: (images) => tf.tidy(() => tf.matMul(tf.reshape(images, [-1, size]), tf.tensor2d(kernel))),
  };
}
/** −log p(1) of that network, for an image whose values `at` says. */
function nats([height, width, channels]: number[], at: (y: number, x: number, c: number) => number): number {
  const logits = [0, 0];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++) {
        for (const label of [0, 1]) logits[label] += at(y, x, c) * slopes((y * width + x) * channels + c, label);
      }
  return -logShare(logits, 1);
}
const average = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length;

forEachBackend(() => {
  describe("regularizers are what they say, with the gradients of finite differences", () => {
    const x =
      (i: number) =>
      (y: number, column: number, c: number): number =>
        (picture(i)(y, column, c) - mean[c]) / std[c];
    /** The gradients of kinked ones are worked out, since finite differences would step over the kinks. */
    const cases: [string, Term, (i: number) => number, ((i: number, y: number, x: number, c: number) => number)?][] = [
      [
        "L2 of the normalised image",
        regularizers.l2(0.3),
        (i) => 0.3 * everywhere((y, column, c) => x(i)(y, column, c) ** 2),
      ],
      [
        "L1 of the normalised image",
        regularizers.l1(2),
        (i) => 2 * everywhere((y, column, c) => Math.abs(x(i)(y, column, c))),
        (i, y, column, c) => (2 * Math.sign(x(i)(y, column, c))) / std[c],
      ],
      [
        "total variation",
        regularizers.totalVariation(0.5),
        (i) =>
          0.5 *
          everywhere((y, column, c) => {
            const at = picture(i),
              value = at(y, column, c);
            return (
              (y < 5 ? Math.abs(at(y + 1, column, c) - value) : 0) +
              (column < 4 ? Math.abs(at(y, column + 1, c) - value) : 0)
            );
          }),
        (i, y, column, c) => {
          const at = picture(i),
            neighbours = [
              [y - 1, column],
              [y + 1, column],
              [y, column - 1],
              [y, column + 1],
            ].filter(([row, col]) => row >= 0 && row < 6 && col >= 0 && col < 5);
          return 0.5 * neighbours.reduce((sum, [row, col]) => sum + Math.sign(at(y, column, c) - at(row, col, c)), 0);
        },
      ],
      [
        "alignment of images",
        regularizers.alignment(4),
        (i) =>
          4 *
          [i - 1, i + 1]
            .filter((j) => j >= 0 && j < count)
            .reduce(
              (sum, j) =>
                sum +
                (0.5 * everywhere((y, column, c) => (picture(i)(y, column, c) - picture(j)(y, column, c)) ** 2)) /
                  tinyPixels,
              0,
            ),
      ],
      [
        "alignment of activations",
        regularizers.alignment(1, { layer: "act1" }),
        (i) =>
          [i - 1, i + 1]
            .filter((j) => j >= 0 && j < count)
            .reduce((sum, j) => {
              const [a, b] = [activations("act1", i).flat(), activations("act1", j).flat()];
              return sum + 0.5 * average(a.map((value, k) => (value - b[k]) ** 2));
            }, 0),
      ],
      [
        "diversity",
        regularizers.diversity(0.7, "act2"),
        (i) => {
          const gram = (j: number): number[] => {
            const places = activations("act2", j),
              channels = places[0].map((_, c) => c);
            return channels.flatMap((a) =>
              channels.map((b) => places.reduce((sum, place) => sum + place[a] * place[b], 0)),
            );
          };
          const dot = (a: number[], b: number[]): number => a.reduce((sum, value, k) => sum + value * b[k], 0);
          const others = [0, 1, 2].filter((j) => j !== i);
          return (
            0.7 *
            average(others.map((j) => dot(gram(i), gram(j)) / Math.sqrt(dot(gram(i), gram(i)) * dot(gram(j), gram(j)))))
          );
        },
      ],
      [
        "a critic",
        regularizers.critic(0.8, tinyModel(judge), { target: "cat" }),
        (i) => -0.8 * logShare(oracleLogits(judge, pixels.subarray(i * tinyPixels, (i + 1) * tinyPixels)), 2),
      ],
      [
        "a critic of images half as high",
        regularizers.critic(3, dense([3, 5, 2]), { target: 1 }),
        (i) =>
          3 * nats([3, 5, 2], (y, column, c) => (picture(i)(2 * y, column, c) + picture(i)(2 * y + 1, column, c)) / 2),
      ],
      [
        "a critic of another size",
        regularizers.critic(1, dense([4, 4, 2]), { target: 1 }),
        (i) =>
          nats([4, 4, 2], (y, column, c) => {
            const [top, left] = [y * 1.5, column * 1.25],
              [row, col] = [Math.floor(top), Math.floor(left)],
              [down, right] = [top - row, left - col];
            const at = (r: number, k: number): number => picture(i)(Math.min(5, r), Math.min(4, k), c);
            return (
              (1 - down) * ((1 - right) * at(row, col) + right * at(row, col + 1)) +
              down * ((1 - right) * at(row + 1, col) + right * at(row + 1, col + 1))
            );
          }),
      ],
    ];
    for (const [name, term, wanted, slope] of cases) {
      it(name, () => {
        const { values, gradient, difference } = evaluated(term, slope ? undefined : name);
        expect(relativeError(values, [0, 1, 2].map(wanted))).to.be.below(1e-4);
        const slopes =
          slope &&
          [0, 1, 2].flatMap((i) =>
            Array.from({ length: tinyPixels }, (_, at) =>
              slope(i, Math.floor(at / 10), Math.floor(at / 2) % 5, at % 2),
            ),
          );
        expect(relativeError(gradient, slopes ?? difference!)).to.be.below(slopes ? 1e-5 : 2e-2);
      });
    }

    it("the blur's gradient is the image minus its blur", () => {
      const { values, gradient } = evaluated(regularizers.blur(1.5, { sigma: 0.8 }));
      const radius = 3,
        weight = (k: number): number => Math.exp((-k * k) / (2 * 0.64));
      let total = 0;
      for (let k = -radius; k <= radius; k++) total += weight(k);
      const mirrored = (index: number, size: number): number => {
        while (index < 0 || index >= size) index = index < 0 ? -1 - index : 2 * size - 1 - index;
        return index;
      };
      const wanted: number[] = [];
      for (let i = 0; i < count; i++)
        for (let y = 0; y < 6; y++)
          for (let column = 0; column < 5; column++)
            for (let c = 0; c < 2; c++) {
              let soft = 0;
              for (let j = -radius; j <= radius; j++)
                for (let k = -radius; k <= radius; k++)
                  soft +=
                    (weight(j) * weight(k) * picture(i)(mirrored(y + j, 6), mirrored(column + k, 5), c)) / total ** 2;
              wanted.push(1.5 * (picture(i)(y, column, c) - soft));
            }
      expect(relativeError(gradient, wanted)).to.be.below(1e-4);
      const half = [0, 1, 2].map(
        (i) =>
          wanted.slice(i * tinyPixels, (i + 1) * tinyPixels).reduce((sum, value) => sum + (value / 1.5) ** 2, 0) * 0.75,
      );
      expect(relativeError(values, half)).to.be.below(1e-4);
    });
  });

  describe("objectives are what they say, with the gradients of finite differences", () => {
    const logits = (i: number): Float64Array =>
      oracleLogits(weights, pixels.subarray(i * tinyPixels, (i + 1) * tinyPixels));
    const unit = [0.6, 0, -0.8];
    const cases: [string, Objective, (i: number) => number][] = [
      ["a logit", objectives.logit("bee"), (i) => logits(i)[1]],
      ["a logit for each image", objectives.logit([3, "ant", 2]), (i) => logits(i)[[3, 0, 2][i]]],
      ["a channel", objectives.channel("conv2", 1), (i) => average(activations("conv2", i).map((place) => place[1]))],
      [
        "a channel for each image",
        objectives.channel("act1", [3, 0, 1]),
        (i) => average(activations("act1", i).map((place) => place[[3, 0, 1][i]])),
      ],
      ["a channel of a layer without places", objectives.channel("dense", 2), (i) => logits(i)[2]],
      ["the neuron in the middle", objectives.neuron("act2", 2), (i) => activations("act2", i)[3 * 5 + 2][2]],
      ["a neuron elsewhere", objectives.neuron("conv1", 0, [5, 1]), (i) => activations("conv1", i)[5 * 5 + 1][0]],
      [
        "a direction",
        objectives.direction("act2", [3, 0, -4]),
        (i) =>
          average(activations("act2", i).map((place) => place.reduce((sum, value, c) => sum + unit[c] * value, 0))),
      ],
      [
        "a direction for each image",
        objectives.direction("act2", [
          [1, 0, 0],
          [0, 2, 0],
          [0, 0, -3],
        ]),
        (i) => average(activations("act2", i).map((place) => (i === 2 ? -1 : 1) * place[i])),
      ],
      [
        "a deep dream",
        objectives.deepDream("act1"),
        (i) =>
          average(
            activations("act1", i)
              .flat()
              .map((value) => value * value),
          ),
      ],
      [
        "a sum over layers and logits",
        objectives
          .logit("cat")
          .times(2)
          .minus(objectives.channel("act1", 3))
          .plus(objectives.neuron("act2", 1).times(-0.5)),
        (i) =>
          2 * logits(i)[2] -
          average(activations("act1", i).map((place) => place[3])) -
          0.5 * activations("act2", i)[17][1],
      ],
    ];
    for (const [name, objective, wanted] of cases) {
      it(name, () => {
        const { values, gradient, difference } = evaluated(objective, name);
        expect(relativeError(values, [0, 1, 2].map(wanted))).to.be.below(1e-4);
        expect(relativeError(gradient, difference!)).to.be.below(1e-2);
        expect(gradient.some((value) => value !== 0)).to.equal(true);
      });
    }
  });
  // wasm first, where the differences of so few numbers take less time.
}, ["wasm", "tensorflow"]);

describe("terms refuse bad input in one line, leaving nothing behind", () => {
  const prepared =
    (term: () => Term, images = count) =>
    (): unknown =>
      term().prepare(model, images);
  const cases: [string, () => unknown, RegExp][] = [
    [
      "an unknown layer, with the nearest",
      prepared(() => objectives.channel("con2", 1)),
      /^layer is "con2"; allowed: a layer of tiny-smooth, for instance conv2/,
    ],
    [
      "a channel out of range",
      prepared(() => objectives.channel("conv2", 3)),
      /^channel of conv2 is 3; allowed: an integer from 0 to 2/,
    ],
    ["an unknown class", prepared(() => objectives.logit("bea")), /^target is "bea"/],
    [
      "targets for another number of images",
      prepared(() => objectives.logit([1, 2])),
      /^images is 3; allowed: 2, one for each target/,
    ],
    [
      "a neuron outside its layer",
      prepared(() => objectives.neuron("conv2", 1, [6, 0])),
      /^place is \[6, 0\]; allowed: a place in conv2, whose places are \[6, 5\]/,
    ],
    [
      "a place where there is none",
      prepared(() => objectives.neuron("dense", 1, 3)),
      /^place is 3; allowed: nothing: dense has no places/,
    ],
    [
      "a direction of the wrong length",
      prepared(() => objectives.direction("act2", [1, 2])),
      /^vector is \[1, 2\]; allowed: 3 finite numbers/,
    ],
    ["a direction that is none", prepared(() => objectives.direction("act2", [0, 0, 0])), /^vector is \[0, 0, 0\]/],
    ["a dream of an unknown layer", prepared(() => objectives.deepDream("fire5")), /^layer is "fire5"/],
    ["a factor that is no number", () => objectives.logit(1).times(NaN), /^factor is NaN; allowed: a finite number/],
    [
      "a sum with a number",
      () => objectives.logit(1).plus(3 as never),
      /^the other objective is 3; allowed: an objective/,
    ],
    [
      "a sum for other numbers of images",
      () => objectives.logit([1, 2]).plus(objectives.channel("act1", [1, 2, 3])),
      /^the number of targets of .* is 3; allowed: 2/,
    ],
    [
      "a sum of which one part is refused",
      prepared(() => objectives.logit(1).plus(objectives.channel("act1", 9))),
      /^channel of act1 is 9/,
    ],
    ["a negative weight", () => regularizers.l2(-1), /^the weight of L2 is -1; allowed: a number ≥ 0/],
    ["a blur of σ 0", () => regularizers.blur(1, { sigma: 0 }), /^sigma is 0; allowed: a number of pixels above 0/],
    [
      "diversity of one image",
      prepared(() => regularizers.diversity(1, "act1"), 1),
      /^images is 1; allowed: 2 or more with diversity/,
    ],
    [
      "a critic without a class of that name",
      () => regularizers.critic(1, tiny),
      /^target is "photograph"; allowed: one of the 4 class names/,
    ],
    [
      "a critic of grey images",
      prepared(() => regularizers.critic(1, dense([6, 5, 1]))),
      /^the channels of tiny-smooth is 1; allowed: 2, as many as tiny-smooth has/,
    ],
    [
      "a critic that is a promise",
      () => regularizers.critic(1, Promise.resolve(tiny) as never),
      /^model is "?a promise"?.*await/,
    ],
    [
      "a critic that is a regression",
      () => regularizers.critic(1, { ...tiny, output: "linear" }, { target: 1 }),
      /^the output of tiny-smooth is "linear"; allowed: softmax or sigmoid, for a critic/,
    ],
    [
      "alignment of one image",
      prepared(() => regularizers.alignment(1), 1),
      /^images is 1; allowed: 2 or more with alignment/,
    ],
  ];
  for (const [name, work, message] of cases) {
    it(name, async () => {
      expect(await tensorsLeft(() => expect(work).to.throw(message).with.property("name", "BadInputError"))).to.equal(
        0,
      );
    });
  }
});
