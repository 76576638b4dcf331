import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { saliency } from "../../../../lib/attribution/saliency";
import { fgsm } from "../../../../lib/attack/fgsm";
import { fromLayersModel } from "../../../../lib/model/adapters";
import type { VisionModel } from "../../../../lib/model/vision-model";
import { forEachBackend, tensorsLeft } from "../../../helpers/backends";
import { graphsLoaded } from "../../../helpers/graphs-loaded";
import { pictures, sequential } from "../../model/tiny-models";

/** Enough small images to make a graph worth its while. */
const many = (model: VisionModel): tf.Tensor4D =>
  pictures([Math.ceil(2 ** 16 / model.inputShape.reduce((size, side) => size * side, 1)), ...model.inputShape]);

describe("compile: graphs kept with a model", function () {
  this.timeout(60_000);

  forEachBackend(() => {
    const graphs = graphsLoaded();
    const sessions = (): number => (tf.backend() as unknown as { getNumOfSavedModels(): number }).getNumOfSavedModels();
    const calls: Record<string, (model: VisionModel, images: tf.Tensor4D) => Promise<Float32Array>> = {
      logits: async (model, images) => tf.tidy(() => model.logits(images).dataSync() as Float32Array),
      saliency: async (model, images) => {
        const { values, dispose } = await saliency(model, images, { target: 1, batchSize: 2 ** 16 }),
          numbers = values.dataSync() as Float32Array;
        dispose();
        return numbers;
      },
      "saliency of the probability": async (model, images) => {
        const { values, dispose } = await saliency(model, images, {
            target: 1,
            score: "probability",
            batchSize: 2 ** 16,
          }),
          numbers = values.dataSync() as Float32Array;
        dispose();
        return numbers;
      },
      fgsm: async (model, images) => {
        const { raw, dispose } = await fgsm(model, images, { epsilon: 0.1, batchSize: 2 ** 16 }),
          numbers = raw.dataSync() as Float32Array;
        dispose();
        return numbers;
      },
    };
    for (const [name, call] of Object.entries(calls)) {
      it(`${name}: the second call runs as a graph, with the result of the first; the third makes none`, async () => {
        const model = fromLayersModel(sequential()),
          images = many(model),
          before = sessions();
        process.env.VITRINE_COMPILE = "off";
        const plain = await call(model, images);
        expect(graphs.count).to.equal(0);
        delete process.env.VITRINE_COMPILE;
        expect(
          await tensorsLeft(async () => {
            const first = await call(model, images),
              second = await call(model, images),
              made = graphs.count;
            expect(made).to.be.above(0);
            const third = await call(model, images);
            expect(graphs.count).to.equal(made);
            expect(third).to.deep.equal(second);
            const largest = plain.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
            for (const own of [first, second])
              own.forEach((value, i) => expect(Math.abs(value - plain[i])).to.be.at.most(1e-5 * largest));
          }),
        ).to.equal(0);
        images.dispose();
        model.dispose();
        expect(sessions()).to.equal(before);
      });
    }

    it("few values run as they are, however often", async () => {
      const model = fromLayersModel(sequential()),
        images = pictures([1, ...model.inputShape]);
      for (let call = 0; call < 4; call++) await calls.saliency(model, images);
      expect(graphs.count).to.equal(0);
      images.dispose();
      model.dispose();
    });

    it("see weights as they are at the call", async () => {
      const network = sequential(),
        model = fromLayersModel(network),
        images = many(model);
      for (let call = 0; call < 3; call++) await calls.logits(model, images);
      const before = await calls.logits(model, images);
      tf.tidy(() => network.setWeights(network.getWeights().map((weight) => tf.mul(weight, 0.5))));
      const after = await calls.logits(model, images);
      process.env.VITRINE_COMPILE = "off";
      const plain = await calls.logits(model, images);
      expect(Math.abs(after[0] - before[0])).to.be.above(1e-4);
      after.forEach((value, i) => expect(value).to.be.closeTo(plain[i], 1e-5));
      images.dispose();
      model.dispose();
    });

    it("are at most eight, of the kinds used last", async () => {
      const model = fromLayersModel(sequential()),
        images = many(model),
        before = sessions();
      for (let more = 0; more < 10; more++) {
        const batch = tf.tidy(() => tf.concat([images, tf.slice(images, 0, more + 1)]));
        for (let call = 0; call < 2; call++) await calls.logits(model, batch);
        batch.dispose();
      }
      expect(sessions()).to.equal(before + 8);
      images.dispose();
      model.dispose();
      expect(sessions()).to.equal(before);
    });
  }, ["tensorflow"]);
});
