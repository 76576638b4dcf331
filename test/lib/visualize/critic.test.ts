import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "../../../lib/backend";
import { fromLayersModel } from "../../../lib/model/adapters";
import type { VisionModel } from "../../../lib/model/vision-model";
import { maximize, objectives, regularizers, transforms } from "../../../lib/visualize";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";

/** @param side of its images */
function network(side: number, seed: number, classNames: string[]): VisionModel {
  const start = (at: number) => tf.initializers.glorotUniform({ seed: 10 * seed + at });
  return fromLayersModel(
    tf.sequential({
      layers: [
        tf.layers.conv2d({
          inputShape: [side, side, 3],
          filters: 6,
          kernelSize: 3,
          activation: "elu",
          kernelInitializer: start(1),
        }),
        tf.layers.globalAveragePooling2d({ dataFormat: "channelsLast" }),
        tf.layers.dense({ units: classNames.length, kernelInitializer: start(2) }),
        tf.layers.softmax(),
      ],
    }),
    { classNames },
  );
}

/** −log p of the class for each image, as plain numbers of the predictions. */
const against = async (judge: VisionModel, images: tf.Tensor4D): Promise<number[]> => {
  const half = tf.tidy(() => tf.avgPool(images, 2, 2, "valid"));
  return (await judge.predict(half).finally(() => half.dispose())).map(
    (each) => -Math.log(each.find(({ name }) => name === "photograph")!.probability),
  );
};

forEachBackend(() =>
  describe("maximize with a critic", () => {
    let model: VisionModel, judge: VisionModel;
    before(() => {
      model = network(12, 1, ["a", "b", "c"]);
      judge = network(6, 2, ["visualization", "photograph"]);
    });
    after(() => {
      model.dispose();
      judge.dispose();
    });

    it("makes images that the critic has less against, and leaves nothing but them", async () => {
      const common = { iterations: 12, seed: 3, live: false, transforms: [transforms.jitter(2)] };
      const made: number[][] = [];
      for (const terms of [[], [regularizers.critic(200, judge)]]) {
        expect(
          await tensorsLeft(async () => {
            const { image, dispose } = await maximize(model, objectives.logit(["a", "c"]), {
              ...common,
              regularizers: terms,
            });
            made.push(await against(judge, image));
            dispose();
          }),
        ).to.equal(0);
      }
      made[1].forEach((nats, i) => expect(nats).to.be.below(made[0][i] - 0.02));
    });
  }),
);

describe("maximize with a critic, as a graph", () => {
  it("computes what it computes op by op, also where the critic cannot be recorded", async () => {
    await ready();
    const model = network(12, 1, ["a", "b"]),
      judge = network(6, 2, ["visualization", "photograph"]);
    const dreams = async (critic: VisionModel): Promise<Float32Array> => {
      const { image, dispose } = await maximize(model, objectives.logit(["a", "b"]), {
        iterations: 12,
        seed: 3,
        live: false,
        regularizers: [regularizers.critic(50, critic)],
      });
      const values = (await image.data()) as Float32Array;
      dispose();
      return Float32Array.from(values);
    };
    const graph = await dreams(judge);
    // Counts its calls: a graph would make one.
    let calls = 0;
    const counting: VisionModel = {
      ...judge,
      classNames: judge.classNames,
      pure: false,
      logits: (images: tf.Tensor4D) => {
        calls++;
        return judge.logits(images);
      },
    } as VisionModel;
    const each = await dreams(counting);
    expect(calls).to.be.at.least(12);
    // Adam divides by the gradient's size, so that rounding shows where that is small.
    each.forEach((value, i) => expect(value).to.be.closeTo(graph[i], 2e-3));
    model.dispose();
    judge.dispose();
  });
});
