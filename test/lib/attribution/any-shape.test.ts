import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { attackMethods } from "../../../lib/attack/methods";
import type { AttackResult } from "../../../lib/attack/attack";
import type { Attribution, AttributionOptions } from "../../../lib/attribution/attribution";
import { attributionMethods } from "../../../lib/attribution/methods";
import { inputXGradient } from "../../../lib/attribution/input-x-gradient";
import { integratedGradients } from "../../../lib/attribution/integrated-gradients";
import { occlusion } from "../../../lib/attribution/occlusion";
import { saliency } from "../../../lib/attribution/saliency";
import { smoothGrad } from "../../../lib/attribution/smooth-grad";
import { fromLayersModel, type FromLayersModelOptions } from "../../../lib/model/adapters";
import { unpack } from "../../../lib/model/packed-inputs";
import type { Inputs, Model, VisionModel } from "../../../lib/model/vision-model";
import { classVisualization } from "../../../lib/visualize/class-visualization";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";
import { messageOf } from "../model/tiny-models";

const weightOf = (place: number, c: number): number => (((place * 7 + c * 5) % 9) - 4) / 8;
const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const valueOf = (place: number, input: number): number => 0.1 + ((place * 5 + input * 3) % 16) / 20;
const inputsOf = (shape: readonly number[], count: number): tf.Tensor =>
  tf.tensor(
    Array.from({ length: count * sizeOf(shape) }, (_, i) => valueOf(i % sizeOf(shape), Math.floor(i / sizeOf(shape)))),
    [count, ...shape],
  );

/** A linear classifier of inputs of this shape: every method has a closed form. */
function linear(shape: number[], options: FromLayersModelOptions = {}): Model {
  const size = sizeOf(shape),
    kernel = tf.tensor2d(Array.from({ length: size }, (_, p) => [0, 1, 2].map((c) => weightOf(p, c))));
  const network = tf.sequential({
    layers: [
      tf.layers.reshape({ inputShape: shape, targetShape: [size] }),
      tf.layers.dense({ units: 3, useBias: false }),
    ],
  });
  network.setWeights([kernel]);
  kernel.dispose();
  return fromLayersModel<Model>(network, { name: "linear", bounds: [0, 1], ...options });
}

const near = (got: ArrayLike<number>, right: readonly number[], within = 2e-5): void => {
  expect(got.length).to.equal(right.length);
  right.forEach((value, i) => expect(got[i], `value ${i}`).to.be.closeTo(value, within));
};

const shapes: ReadonlyArray<readonly [string, number[]]> = [
  ["a row of features", [6]],
  ["a series", [5, 2]],
  ["a volume", [2, 3, 2, 1]],
];

/** What a method says of a linear logit, but for those that need a map of places. */
const closedForms: Record<string, (x: number, w: number) => number> = {
  saliency: (_, w) => w,
  "guided-backprop": (_, w) => w,
  deconvolution: (_, w) => w,
  smoothgrad: (_, w) => w,
  "input-x-gradient": (x, w) => x * w,
  "integrated-gradients": (x, w) => x * w,
  occlusion: (x, w) => x * w,
};

forEachBackend(() => {
  for (const [what, shape] of shapes) {
    describe(`${what}, [${shape.join(", ")}]`, () => {
      const size = sizeOf(shape),
        target = 1;
      let model: Model, inputs: tf.Tensor;
      before(() => {
        model = linear(shape);
        inputs = inputsOf(shape, 3);
      });
      after(() => {
        model.dispose();
        inputs.dispose();
      });
      const run = (name: string, options: object = {}): Promise<Attribution> => {
        const windows = /occlu/.test(name) ? { window: shape.map(() => 1), stride: 1 } : {};
        return attributionMethods[name].explain(model as VisionModel, inputs, {
          target,
          batchSize: 2,
          ...windows,
          ...options,
        } as AttributionOptions);
      };

      for (const [name, right] of Object.entries(closedForms)) {
        it(`${name} explains it, and leaves no tensor behind`, async () => {
          let made!: Attribution;
          const left = await tensorsLeft(async () => {
            made = await run(name);
          });
          expect(made.values.shape).to.deep.equal([3, ...shape]);
          near(
            made.values.dataSync(),
            Array.from({ length: 3 * size }, (_, i) =>
              right(valueOf(i % size, Math.floor(i / size)), weightOf(i % size, target)),
            ),
          );
          expect(left).to.equal(made.convergenceDelta ? 2 : 1);
          made.dispose();
        });
      }
      it("one input without the batch is the same", async () => {
        const one = tf.tidy(() => tf.squeeze(tf.slice(inputs, 1, 1), [0])),
          made = await saliency(model, one, { target });
        expect(made.values.shape).to.deep.equal([1, ...shape]);
        tf.dispose(one);
        made.dispose();
      });
      it("methods that need a map of places say so", async () => {
        for (const name of ["grad-cam", "guided-grad-cam"])
          expect(await messageOf(() => run(name))).to.match(/model is "?linear, whose inputs are .*a model of images/);
        expect(await messageOf(() => classVisualization(model as VisionModel, 0))).to.match(
          /for classVisualization a model of images/,
        );
      });
      it("attacks move it, keep to its bounds and say how far", async () => {
        const common = { batchSize: 2 };
        const each: Record<string, object> = {
          fgsm: { epsilon: 0.3 },
          "normed-gradient": { epsilon: 1 },
          pgd: { epsilon: 0.3, seed: 1 },
          "random-noise": { epsilon: 0.1, seed: 1 },
          deepfool: {},
          "carlini-wagner": { steps: 20, searches: 2 },
          fooling: { target: 2, learningRate: 0.2 },
          occlude: { window: 1, stride: 1, rectangles: 3 },
        };
        expect(Object.keys(each).sort()).to.deep.equal(Object.keys(attackMethods).sort());
        for (const [name, options] of Object.entries(each)) {
          let made!: AttackResult;
          expect(
            await tensorsLeft(async () => {
              made = await attackMethods[name].attack(model as VisionModel, inputs as tf.Tensor4D, {
                ...common,
                ...options,
              });
            }),
            name,
          ).to.equal(2);
          const [before, after] = [inputs.dataSync(), (made.clipped as tf.Tensor).dataSync()];
          expect(Math.min(...after), name).to.be.at.least(0);
          expect(Math.max(...after), name).to.be.at.most(1);
          for (let i = 0; i < 3; i++) {
            const change = Array.from({ length: size }, (_, p) => after[i * size + p] - before[i * size + p]);
            const places = Array.from(
              { length: shape.length > 1 ? size / shape[shape.length - 1] : size },
              (_, place) =>
                (shape.length > 1
                  ? change.slice(place * shape.at(-1)!, (place + 1) * shape.at(-1)!)
                  : [change[place]]
                ).some((d) => d !== 0),
            );
            const lengths = {
              l2: Math.hypot(...change),
              linf: Math.max(...change.map(Math.abs)),
              l0: places.filter(Boolean).length,
            };
            expect(made.distance[i], `${name} ${made.norm}`).to.be.closeTo(lengths[made.norm], 1e-5);
          }
          made.dispose();
        }
      });
    });
  }

  describe("groups of values", () => {
    it("are covered together, and each value gets the group's fall", async () => {
      const model = linear([6]),
        inputs = inputsOf([6], 2),
        featureMask = tf.tensor1d([7, 7, 2, 2, 2, 5], "int32");
      const made = await occlusion(model, inputs, { featureMask, target: 0, batchSize: 3 });
      const fall = (input: number, group: readonly number[]): number =>
        group.reduce((sum, p) => sum + valueOf(p, input) * weightOf(p, 0), 0);
      near(
        made.values.dataSync(),
        [0, 1].flatMap((i) => [[0, 1], [0, 1], [2, 3, 4], [2, 3, 4], [2, 3, 4], [5]].map((group) => fall(i, group))),
      );
      made.dispose();
      tf.dispose([inputs, featureMask]);
      model.dispose();
    });
    it("of an image may reach through all its channels", async () => {
      const model = linear([2, 2, 3]),
        inputs = inputsOf([2, 2, 3], 1),
        featureMask = tf.tensor3d([0, 0, 1, 1], [2, 2, 1]);
      const made = await occlusion(model, inputs, { featureMask, target: 0, baseline: 1 });
      const fall = (from: number): number =>
        Array.from({ length: 6 }, (_, i) => (valueOf(from + i, 0) - 1) * weightOf(from + i, 0)).reduce(
          (a, b) => a + b,
          0,
        );
      near(made.values.dataSync(), [...new Array<number>(6).fill(fall(0)), ...new Array<number>(6).fill(fall(6))]);
      made.dispose();
      tf.dispose([inputs, featureMask]);
      model.dispose();
    });
  });

  describe("tokens", () => {
    const steps = 3,
      words = 5,
      dim = 2;
    const vector = (word: number, d: number): number => (((word * 3 + d * 2) % 7) - 3) / 4;
    /** Embedding → flatten → dense: the gradient at the vectors is the dense layer's weights. */
    const reader = (): Model => {
      const network = tf.sequential({
        layers: [
          tf.layers.embedding({ inputDim: words, outputDim: dim, inputLength: steps, name: "vectors" }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 2, useBias: false }),
        ],
      });
      const weights = [
        tf.tensor2d(Array.from({ length: words }, (_, word) => [vector(word, 0), vector(word, 1)])),
        tf.tensor2d(Array.from({ length: steps * dim }, (_, p) => [weightOf(p, 0), weightOf(p, 1)])),
      ];
      network.setWeights(weights);
      tf.dispose(weights);
      return fromLayersModel<Model>(network, { name: "reader" });
    };
    const text = [
      [4, 1, 2],
      [0, 3, 3],
    ];

    it("are differentiated at their vectors", async () => {
      const model = reader(),
        tokens = tf.tensor2d(text, undefined, "int32");
      const gradient = await saliency(model, tokens, { target: 1 }),
        product = await inputXGradient(model, tokens, { target: 1 });
      const integral = await integratedGradients(model, tokens, { target: 1, steps: 3 });
      expect(gradient.values.shape).to.deep.equal([2, steps, dim]);
      const each = (of: (word: number, d: number, place: number) => number): number[] =>
        text.flatMap((row) => row.flatMap((word, step) => [0, 1].map((d) => of(word, d, step * dim + d))));
      near(
        gradient.values.dataSync(),
        each((_, __, place) => weightOf(place, 1)),
      );
      near(
        product.values.dataSync(),
        each((word, d, place) => vector(word, d) * weightOf(place, 1)),
      );
      near(
        integral.values.dataSync(),
        each((word, d, place) => vector(word, d) * weightOf(place, 1)),
      );
      [gradient, product, integral].forEach((made) => made.dispose());
      tokens.dispose();
      model.dispose();
    });
    it("are covered by another token", async () => {
      const model = reader(),
        tokens = tf.tensor2d(text, undefined, "int32"),
        made = await occlusion(model, tokens, { window: 1, stride: 1, baseline: 3, target: 0 });
      near(
        made.values.dataSync(),
        text.flatMap((row) =>
          row.map((word, step) =>
            [0, 1].reduce((sum, d) => sum + (vector(word, d) - vector(3, d)) * weightOf(step * dim + d, 0), 0),
          ),
        ),
      );
      made.dispose();
      tokens.dispose();
      model.dispose();
    });
    it("are not attacked: there is nothing between two of them", async () => {
      const model = reader(),
        tokens = tf.tensor2d(text, undefined, "int32");
      expect(
        await messageOf(() =>
          attackMethods.fgsm.attack(
            model as VisionModel,
            tokens as tf.Tensor as tf.Tensor4D,
            { epsilon: 0.1 } as object,
          ),
        ),
      ).to.contain("model.embedding.embed(tokens)");
      tokens.dispose();
      model.dispose();
    });
  });

  describe("several inputs", () => {
    const both = (): Model => {
      const [image, table] = [tf.input({ shape: [2, 2], name: "image" }), tf.input({ shape: [3], name: "table" })];
      const joined = tf.layers
        .concatenate()
        .apply([tf.layers.flatten().apply(image) as tf.SymbolicTensor, table]) as tf.SymbolicTensor;
      const network = tf.model({
        inputs: [image, table],
        outputs: tf.layers.dense({ units: 2, useBias: false }).apply(joined) as tf.SymbolicTensor,
      });
      const kernel = tf.tensor2d(Array.from({ length: 7 }, (_, p) => [weightOf(p, 0), weightOf(p, 1)]));
      network.setWeights([kernel]);
      kernel.dispose();
      return fromLayersModel<Model>(network, { name: "both" });
    };
    it("are explained together, each in its own shape", async () => {
      const model = both(),
        inputs: Inputs = [inputsOf([2, 2], 2), inputsOf([3], 2)];
      const made = await inputXGradient(model, inputs, { target: 1 }),
        parts = unpack(model.inputs!, made.values);
      expect(parts.map(({ shape }) => shape)).to.deep.equal([
        [2, 2, 2],
        [2, 3],
      ]);
      near(
        parts[0].dataSync(),
        [0, 1].flatMap((i) => [0, 1, 2, 3].map((p) => valueOf(p, i) * weightOf(p, 1))),
      );
      near(
        parts[1].dataSync(),
        [0, 1].flatMap((i) => [0, 1, 2].map((p) => valueOf(p, i) * weightOf(4 + p, 1))),
      );
      const groups = [tf.zeros([2, 2]), tf.ones([3])],
        fall = await occlusion(model, inputs, { featureMask: groups, target: 0 });
      const sum = (i: number, from: number, count: number): number =>
        Array.from({ length: count }, (_, p) => valueOf(p, i) * weightOf(from + p, 0)).reduce((a, b) => a + b, 0);
      near(
        fall.values.dataSync(),
        [0, 1].flatMap((i) => [...new Array<number>(4).fill(sum(i, 0, 4)), ...new Array<number>(3).fill(sum(i, 4, 3))]),
      );
      const [top] = await model.predict(inputs);
      expect(top).to.have.length(2);
      [made, fall].forEach((each) => each.dispose());
      tf.dispose([...parts, ...inputs, ...groups]);
      model.dispose();
    });
    it("tokens among them are covered, and not differentiated: their gradient would be 0 without a word", async () => {
      const [words, facts] = [tf.input({ shape: [2], name: "words" }), tf.input({ shape: [1], name: "facts" })];
      const vectors = tf.layers
        .flatten()
        .apply(tf.layers.embedding({ inputDim: 3, outputDim: 1, name: "vectors" }).apply(words)) as tf.SymbolicTensor;
      const joined = tf.layers.concatenate().apply([vectors, facts]) as tf.SymbolicTensor;
      const network = tf.model({
        inputs: [words, facts],
        outputs: tf.layers.dense({ units: 1, useBias: false }).apply(joined) as tf.SymbolicTensor,
      });
      const weights = [tf.tensor2d([[0], [1], [5]]), tf.tensor2d([[2], [3], [10]])];
      network.setWeights(weights);
      const model = fromLayersModel<Model>(network, { name: "mixed" }),
        inputs = [tf.tensor2d([[1, 2]], undefined, "int32"), tf.tensor2d([[0.5]])];
      expect(await messageOf(() => saliency(model, inputs))).to.match(
        /model is "?mixed, whose layer vectors takes tokens .*occlusion with a featureMask/,
      );
      expect(
        await messageOf(() =>
          attackMethods["random-noise"].attack(
            model as VisionModel,
            inputs as unknown as tf.Tensor4D,
            { epsilon: 0.1 } as object,
          ),
        ),
      ).to.match(/linear|takes tokens/);
      const groups = [tf.tensor1d([0, 1]), tf.tensor1d([2])],
        fall = await occlusion(model, inputs, { featureMask: groups });
      near(fall.values.dataSync(), [2, 15, 5]);
      fall.dispose();
      tf.dispose([...weights, ...inputs, ...groups]);
      model.dispose();
    });
    it("one that is missing, or of another batch, is named", async () => {
      const model = both(),
        [image, table, more] = [inputsOf([2, 2], 2), inputsOf([3], 2), inputsOf([3], 3)];
      expect(await messageOf(() => saliency(model, [image]))).to.match(
        /number of inputs is 1; allowed: 2: image \[2, 2\], table \[3\]/,
      );
      expect(await messageOf(() => saliency(model, image))).to.contain(
        "Give a list, one tensor for each of image, table",
      );
      expect(await messageOf(() => saliency(model, [image, more]))).to.match(
        /the batch of table is 3; allowed: 2, as image has/,
      );
      tf.dispose([image, table, more]);
      model.dispose();
    });
  });

  describe("an output for each place", () => {
    it("is explained by a score over a mask", async () => {
      const network = tf.sequential({
        layers: [
          tf.layers.conv2d({ inputShape: [3, 3, 2], filters: 2, kernelSize: 1, useBias: false, activation: "softmax" }),
        ],
      });
      const kernel = tf.tensor4d([0.5, -1, 0.25, 2], [1, 1, 2, 2]);
      network.setWeights([kernel]);
      kernel.dispose();
      const model = fromLayersModel(network, { name: "segments" }),
        images = inputsOf([3, 3, 2], 2) as tf.Tensor4D;
      const region = [0, 1, 4].map(Number),
        mask = tf.tensor4d(
          Array.from({ length: 9 }, (_, p) => Number(region.includes(p))),
          [1, 3, 3, 1],
        );
      const made = await saliency(model, images, {
        score: (logits) => tf.sum(tf.mul(tf.slice(logits, [0, 0, 0, 1], [-1, -1, -1, 1]), mask), [1, 2, 3]),
      });
      near(
        made.values.dataSync(),
        [0, 1].flatMap(() => Array.from({ length: 9 }, (_, p) => (region.includes(p) ? [-1, 2] : [0, 0])).flat()),
      );
      expect(await messageOf(() => saliency(model, images))).to.match(
        /output of segments is \[2, 3, 3, 2\]; allowed: \[batch, classes\].*score/,
      );
      expect(await messageOf(() => saliency(model, images, { target: 0 }))).to.match(/output of segments/);
      expect(await messageOf(() => model.predict(images))).to.match(/output of segments/);
      made.dispose();
      tf.dispose([images, mask]);
      model.dispose();
    });
  });
});

describe("inputs of any shape", () => {
  it("without bounds have no fraction of them, and no edge to search at", async () => {
    const model = linear([4], { bounds: [-Infinity, Infinity] }),
      inputs = inputsOf([4], 1);
    expect(await messageOf(() => smoothGrad(model, inputs))).to.match(/bounds of linear .*sigma is a fraction/);
    expect(
      await messageOf(() => attackMethods["carlini-wagner"].attack(model as VisionModel, inputs as tf.Tensor4D, {})),
    ).to.match(/bounds of linear/);
    inputs.dispose();
    model.dispose();
  });
  it("may be far from 0: only methods that cover or start somewhere ask for a value within the bounds", async () => {
    const model = linear([4], { bounds: [5, 9] }),
      inputs = tf.tidy(() => tf.add(inputsOf([4], 1), 6)),
      map = await saliency(model, inputs, { target: 1 });
    near(
      map.values.dataSync(),
      [0, 1, 2, 3].map((p) => weightOf(p, 1)),
    );
    expect(await messageOf(() => integratedGradients(model, inputs))).to.match(
      /baseline is 0; allowed: a number in \[5, 9\]/,
    );
    map.dispose();
    inputs.dispose();
    model.dispose();
  });
  it("of another shape, or with a missing value, are refused in one line", async () => {
    const model = linear([4]),
      [wide, missing] = [inputsOf([5], 2), tf.tensor2d([[1, NaN, 0, 0]])];
    expect(await messageOf(() => saliency(model, wide))).to.equal(
      "the shape of inputs is [2, 5]; allowed: [4] or [batch, 4] for linear.",
    );
    expect(await messageOf(() => saliency(model, missing))).to.match(/a value of inputs is "?NaN or infinite/i);
    tf.dispose([wide, missing]);
    model.dispose();
  });
  it("layers that pass masks on are refused: the mask would be lost", async () => {
    const masked = tf.sequential({
      layers: [
        tf.layers.embedding({ inputDim: 5, outputDim: 2, inputLength: 3, maskZero: true }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 2 }),
      ],
    });
    expect(await messageOf(() => fromLayersModel<Model>(masked))).to.match(/maskZero: true.*layers without masks/);
  });
});
