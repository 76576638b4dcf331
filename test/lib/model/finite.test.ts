import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { fgsm } from "../../../lib/attack/fgsm";
import { occlusion } from "../../../lib/attribution/occlusion";
import { saliency } from "../../../lib/attribution/saliency";
import { fromLayersModel } from "../../../lib/model/adapters";
import type { VisionModel } from "../../../lib/model/vision-model";
import { maximize, objectives, parametrizations } from "../../../lib/visualize";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";
import { messageOf } from "./tiny-models";

/** conv 1×1 (one filter) → relu → flatten → dense of two logits. */
function network({
  filter = 1,
  bias = 0,
  rows = [
    [1, -1],
    [1, -1],
    [1, -1],
    [1, -1],
  ],
}: { filter?: number; bias?: number; rows?: number[][] } = {}): VisionModel {
  const layers = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [2, 2, 1], filters: 1, kernelSize: 1, activation: "relu", name: "conv" }),
      tf.layers.flatten({ name: "flat" }),
      tf.layers.dense({ units: 2, useBias: false, name: "head" }),
    ],
  });
  const weights = [tf.tensor4d([filter], [1, 1, 1, 1]), tf.tensor1d([bias]), tf.tensor2d(rows)];
  layers.setWeights(weights);
  tf.dispose(weights);
  return fromLayersModel(layers, { name: "net" });
}

/** What a call warns of. */
async function warnings(call: () => Promise<{ dispose(): void }>): Promise<string[]> {
  const told: string[] = [],
    { warn } = console;
  console.warn = (...words: unknown[]) => {
    told.push(words.join(" "));
  };
  try {
    (await call()).dispose();
  } finally {
    console.warn = warn;
  }
  return told;
}

forEachBackend(() => {
  describe("a network with weights that are not finite", () => {
    const calls: ReadonlyArray<readonly [string, (model: VisionModel, images: tf.Tensor4D) => Promise<unknown>]> = [
      ["predict", (model, images) => model.predict(images)],
      ["a map of the predicted class", (model, images) => saliency(model, images)],
      ["a map of a class", (model, images) => saliency(model, images, { target: 0 })],
      ["occlusion of a class", (model, images) => occlusion(model, images, { target: 0, window: 1, stride: 1 })],
      ["an attack", (model, images) => fgsm(model, images, { epsilon: 0.1 })],
    ];
    for (const [what, call] of calls) {
      for (const weight of [NaN, Infinity]) {
        it(`${what} names the first of them, ${weight}`, async () => {
          const model = network({ filter: weight }),
            images = tf.fill([2, 2, 2, 1], 0.5) as tf.Tensor4D;
          const left = await tensorsLeft(async () => {
            expect(await messageOf(() => call(model, images)))
              .to.match(/weight conv.kernel of net is "?NaN or infinite/)
              .and.not.contain("\n");
          });
          expect(left).to.equal(0);
          images.dispose();
          model.dispose();
        });
      }
    }
    it("a visualization says so, too", async () => {
      const model = network({ filter: NaN });
      expect(await messageOf(() => maximize(model, objectives.logit(0), { iterations: 2 }))).to.contain(
        "weight conv/kernel of net",
      );
      model.dispose();
    });
    it("outputs beyond the largest number name the first layer that has them", async () => {
      const model = network({
          filter: 3e38,
          rows: [
            [3, 0],
            [0, 0],
            [0, 0],
            [0, 0],
          ],
        }),
        images = tf.fill([2, 2, 2, 1], 1) as tf.Tensor4D;
      for (const [, call] of calls) {
        const left = await tensorsLeft(async () =>
          expect(await messageOf(() => call(model, images))).to.match(
            /of net is "?NaN or infinite.*first layer with such an output is head/,
          ),
        );
        expect(left).to.equal(0);
      }
      images.dispose();
      model.dispose();
    });
  });

  describe("what cannot move says so", () => {
    it("a step of an attack where the softmax is saturated, and names the images", async () => {
      const sure = network({
          rows: [
            [400, -400],
            [400, -400],
            [400, -400],
            [400, -400],
          ],
        }),
        images = tf.concat([tf.fill([1, 2, 2, 1], 1), tf.zeros([1, 2, 2, 1])]) as tf.Tensor4D;
      const told = await warnings(() =>
        fgsm(sure, images, { epsilon: [0, 0.1] }).then((made) => ({
          dispose: () => made.forEach((each) => each.dispose()),
        })),
      );
      expect(told).to.have.length(1);
      expect(told[0]).to.match(/^fgsm: the gradient of net's loss is 0 at input 0/);
      images.dispose();
      sure.dispose();
    });
    it("a map of a probability that is 1, where the logit's is not 0", async () => {
      const sure = network({
          rows: [
            [400, -400],
            [400, -400],
            [400, -400],
            [400, -400],
          ],
        }),
        images = tf.fill([1, 2, 2, 1], 1) as tf.Tensor4D;
      expect((await warnings(() => saliency(sure, images, { score: "probability" })))[0]).to.match(
        /values for input 0 are 0 everywhere.*score "logit" does/,
      );
      expect(await warnings(() => saliency(sure, images))).to.deep.equal([]);
      images.dispose();
      sure.dispose();
    });
    it("a unit that no image makes respond", async () => {
      const dead = network({ filter: -1, bias: -3 });
      const told = await warnings(() =>
        maximize(dead, objectives.channel("conv", 0), {
          iterations: 3,
          parametrization: parametrizations.pixels(),
          transforms: [],
        }),
      );
      expect(told[0]).to.match(/maximize: image 0 never moved the score from 0 in 3 steps/);
      dead.dispose();
    });
  });
});
