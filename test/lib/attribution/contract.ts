import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import type { Attribution, AttributionOptions } from "../../../lib/attribution/attribution";
import { attributionMethods } from "../../../lib/attribution/methods";
import type { ImageInput, VisionModel } from "../../../lib/model/vision-model";
import { relativeError } from "../../helpers/finite-difference";
import { methodContract, refuses, type BadInput } from "../../helpers/method-contract";
import { tinyImages, tinyModel, tinyPixelsOf, tinyWeights } from "../../helpers/tiny-model";

const model = tinyModel(tinyWeights("relu"));
/** What a method cannot run without; few steps where many are the default. */
const needed: Record<string, object> = {
  "integrated-gradients": { steps: 10 },
  occlusion: { window: 3, stride: 2 },
  "occluded-input-x-gradient": { window: 3, stride: 2 },
};
/** [height, width, channels] of a map, where it is not the image's. */
const mapShapes: Record<string, number[]> = { "grad-cam": [3, 2, 1] };

/** What every attribution method promises, described on the backend as it is. */
export function attributionContract(): void {
  for (const [name, { explain }] of Object.entries(attributionMethods)) {
    const run = (images: ImageInput, options: object = {}, on: VisionModel = model) =>
      explain(on, images, { ...needed[name], ...options } as AttributionOptions);
    const shape = mapShapes[name] ?? [6, 5, 2];
    const size = shape[0] * shape[1] * shape[2];

    describe(`${name}, contract`, () => {
      let images: tf.Tensor4D;
      beforeEach(() => {
        images = tinyImages(tinyPixelsOf(5));
      });
      afterEach(() => images.dispose());

      it("returns values in the shape of the images, the targets, its name and the options as used", async () => {
        const result = await run(images, {
          target: ["cat", 0, "Cat", "bee", 3],
          ...(name === "integrated-gradients" && { steps: undefined }),
        });
        expect(result.values.shape).to.deep.equal([5, ...shape]);
        expect(result.target).to.deep.equal([2, 0, 3, 1, 3]);
        expect(result.method).to.equal(name);
        expect(result.options).to.include({ batchSize: 256 });
        for (const [option, declared] of Object.entries(attributionMethods[name].options)) {
          // A layer is chosen by the model; other options without a value for all are not there unless given.
          if (declared.default !== undefined || declared.required || option === "layer")
            expect(result.options).to.have.property(option).that.is.not.undefined;
        }
        result.dispose();
      });
      it("takes a single image", async () => {
        const one = tf.tidy(() => tf.squeeze<tf.Tensor3D>(tf.slice(images, 2, 1), [0]));
        const [single, batch] = [await run(one), await run(images)];
        expect(single.values.shape).to.deep.equal([1, ...shape]);
        expect(relativeError(single.values.dataSync(), batch.values.dataSync().slice(2 * size, 3 * size))).to.be.below(
          1e-5,
        );
        single.dispose();
        batch.dispose();
        one.dispose();
      });
      it("gives the same whatever batchSize is, and never sends more images than that through the model", async () => {
        let largest = 0;
        const watched: VisionModel = {
          ...model,
          logits: (x, tap) => {
            largest = Math.max(largest, x.shape[0]);
            return model.logits(x, tap);
          },
        };
        const whole = await run(images, { batchSize: 64 });
        const parts = await run(images, { batchSize: 2 }, watched);
        expect(largest).to.be.at.most(2);
        expect(relativeError(parts.values.dataSync(), whole.values.dataSync())).to.be.below(1e-5);
        if (whole.convergenceDelta) expect(parts.convergenceDelta!.shape).to.deep.equal([5]);
        parts.dispose();
        whole.dispose();
      });
      const tensorsOf = ({ values, convergenceDelta }: Attribution): tf.Tensor[] => [
        values,
        ...(convergenceDelta ? [convergenceDelta] : []),
      ];
      methodContract({ name, model, run, breaksAfter: 3, tensorsOf });
      if (name === "integrated-gradients")
        it("returns how far each sum is off, too", async () => {
          const result = await run(images);
          expect(tensorsOf(result)).to.have.length(2);
          result.dispose();
        });

      // A list stands for a baseline image of that shape: tensors are made when the test runs.
      const bad: BadInput[] = [
        [
          "images of the wrong shape",
          () => tf.zeros([1, 5, 6, 2]),
          {},
          /^the shape of images is \[1, 5, 6, 2\]; allowed: \[6, 5, 2\] or \[batch, 6, 5, 2\]/,
        ],
        [
          "an empty batch",
          () => tf.tensor4d([], [0, 6, 5, 2]),
          {},
          /^the shape of images is \[0, 6, 5, 2\]; allowed: at least one image/,
        ],
        [
          "values outside [0, 1]",
          () => tf.fill([1, 6, 5, 2], 255),
          {},
          /^the range of images is .*255.*; allowed: values in \[0, 1\]/,
        ],
        ["NaN", () => tf.fill([1, 6, 5, 2], NaN), {}, /^a value of images is .*NaN/],
        [
          "an unknown class, with the nearest",
          () => tf.zeros([1, 6, 5, 2]),
          { target: "bea" },
          /^target is "bea"; .*Did you mean bee \(1\)/,
        ],
        ["a target out of range", () => tf.zeros([1, 6, 5, 2]), { target: 4 }, /^target is 4; allowed: .*0 to 3/],
        [
          "targets for another number of images",
          () => tf.zeros([5, 6, 5, 2]),
          { target: [1, 2] },
          /^the number of targets is 2; allowed: 1, or 5/,
        ],
        [
          "an option that it does not have, with the nearest",
          () => tf.zeros([1, 6, 5, 2]),
          { batchSizes: 3 },
          /^the name of an option is "batchSizes"; allowed: target, .* Did you mean batchSize\?$/,
        ],
        ["batchSize 0", () => tf.zeros([1, 6, 5, 2]), { batchSize: 0 }, /^batchSize is 0; allowed: an integer ≥ 1/],
        [
          "a model that was not awaited",
          () => tf.zeros([1, 6, 5, 2]),
          {},
          /^model is "a promise"; .*await/,
          Promise.resolve(model) as never,
        ],
      ];
      if ("baseline" in attributionMethods[name].options) {
        const image = (): tf.Tensor => tf.zeros([3, 6, 5, 2]);
        bad.push(
          [
            "a baseline outside the bounds",
            image,
            { baseline: 128 },
            /^baseline is 128; allowed: a number in \[0, 1\]/,
          ],
          ["a baseline that is no number", image, { baseline: NaN }, /^baseline is NaN/],
          ["a baseline of the wrong shape", image, { baseline: [6, 5, 1] }, /^the shape of baseline is \[6, 5, 1\]/],
          [
            "baselines for another number of images",
            image,
            { baseline: [2, 6, 5, 2] },
            /^the shape of baseline is \[2, 6, 5, 2\]; allowed: one image, or one for each of the 3/,
          ],
        );
      }
      // The list becomes a tensor when the test runs, and goes with it.
      const withBaseline = async (images: ImageInput, options: object = {}, on?: VisionModel): Promise<Attribution> => {
        const { baseline: shape } = options as { baseline?: unknown };
        const baseline = Array.isArray(shape) ? { baseline: tf.zeros(shape as number[]) } : {};
        return run(images, { ...options, ...baseline }, on).finally(() => tf.dispose(baseline));
      };
      refuses({ run: withBaseline }, bad);
    });
  }
}
