import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "../../../lib/backend";
import { InterruptedError } from "../../../lib/core/errors";
import { attributionMap } from "../../../lib/plot/attribution-map";
import { integrateOverTraining } from "../../../lib/training/integrate-over-training";
import { recordTraining } from "../../../lib/training/record-training";
import { train } from "../../../lib/training/train";
import { spotNetwork, spots, weightsOf } from "../../helpers/spots";

const data = spots(48, 1),
  looked = spots(2, 9),
  target = Array.from(looked.labels);
const settings = { epochs: 2, batchSize: 16, learningRate: 0.02, seed: 3 };

/**
 * The network in plain numbers: 3×3 convolution, ReLU, dense; the derivative of one logit by the chain rule, no
 * tensors.
 */
function slowGradient([kernel, bias, dense]: number[][], image: Float32Array, logit: number): number[] {
  const gradient = new Array<number>(36).fill(0);
  for (let y = 0; y < 6; y++)
    for (let x = 0; x < 6; x++)
      for (let f = 0; f < 4; f++) {
        const window: [at: number, weight: number][] = [];
        for (let dy = -1; dy <= 1; dy++)
          for (let dx = -1; dx <= 1; dx++) {
            if (y + dy >= 0 && y + dy < 6 && x + dx >= 0 && x + dx < 6)
              window.push([6 * (y + dy) + x + dx, kernel[((dy + 1) * 3 + dx + 1) * 4 + f]]);
          }
        const active = window.reduce((sum, [at, weight]) => sum + image[at] * weight, bias[f]) > 0;
        if (active)
          for (const [at, weight] of window) gradient[at] += weight * dense[((6 * y + x) * 4 + f) * 2 + logit];
      }
  return gradient;
}

describe("integrateOverTraining", () => {
  let images: tf.Tensor4D, folder: string;
  before(async () => {
    await ready();
    images = tf.tensor4d(looked.pixels, [2, 6, 6, 1]);
    folder = mkdtempSync(path.join(tmpdir(), "vitrine-integral-"));
  });
  after(() => {
    images.dispose();
    rmSync(folder, { recursive: true });
  });

  it("is the sum of the gradients at all weights on the way, computed slowly and without tensors", async () => {
    const expected = new Array<number>(72).fill(0),
      copy = spotNetwork(),
      trained = spotNetwork();
    let terms = 0;
    await train(copy, data, {
      ...settings,
      onMinibatch: () => {
        const weights = copy.getWeights().map((weight) => Array.from(weight.dataSync()));
        target.forEach((logit, i) =>
          slowGradient(weights, looked.pixels.subarray(36 * i, 36 * (i + 1)), logit).forEach((value, at) => {
            expected[36 * i + at] += value;
          }),
        );
        terms++;
      },
    });
    const { values, options, method, dispose } = await integrateOverTraining(trained, data, {
      ...settings,
      images: { images, labels: target },
    });
    expect(method).to.equal("integrate-over-training");
    expect(options).to.deep.equal({ target, terms: 7, of: "gradient" });
    expect(terms).to.equal(7);
    expect(weightsOf(trained), "trained as ever").to.deep.equal(weightsOf(copy));
    const largest = Math.max(...expected.map(Math.abs));
    expect(largest).to.be.above(1);
    Array.from(values.dataSync()).forEach((value, i) => expect(value).to.be.closeTo(expected[i], 1e-5 * largest));
    dispose();
  });

  it("is the same from a recording of saliency; times the image, from input × gradient; and can be drawn", async () => {
    const schedule = [0, 2, 6],
      common = { ...settings, images: { images, labels: target }, schedule };
    const own = await integrateOverTraining(spotNetwork(), data, common);
    const saliency = await integrateOverTraining(
      await recordTraining(spotNetwork(), data, { ...common, folder: path.join(folder, "a"), method: "saliency" }),
    );
    const product = await integrateOverTraining(
      await recordTraining(spotNetwork(), data, { ...common, folder: path.join(folder, "b") }),
    );
    expect(saliency.options).to.deep.equal({ target, terms: 3, of: "gradient" });
    expect(Array.from(saliency.values.dataSync())).to.deep.equal(Array.from(own.values.dataSync()));
    const [gradient, times] = [own.values.dataSync(), product.values.dataSync()];
    times.forEach((value, i) => expect(value).to.be.closeTo(gradient[i] * looked.pixels[i], 1e-5));
    expect((await attributionMap(own, { images })).data).to.have.length.above(0);
    for (const each of [own, saliency, product]) each.dispose();
  });

  it("refuses recordings that have no such sum, runs without a class, and stops when told to", async () => {
    const record = (name: string, more: object) =>
      recordTraining(spotNetwork(), data, {
        ...settings,
        folder: path.join(folder, name),
        images: { images, labels: target },
        ...more,
      });
    await rejects(
      integrateOverTraining(await record("c", { method: "saliency", methodOptions: { abs: true } })),
      /^recording is "saliency .*; allowed: a recording of signed saliency/,
    );
    await rejects(integrateOverTraining(await record("d", { method: "grad-cam" })), /^recording is "grad-cam/);
    await rejects(
      integrateOverTraining(spotNetwork(), data, { ...settings, images: { images } }),
      /^images\.labels is undefined; allowed: 2, one for each image, or a target/,
    );
    await rejects(
      integrateOverTraining(spotNetwork(), data, { ...settings, images: { images }, target: 2 }),
      /^target is 2/,
    );
    const model = spotNetwork(),
      tensors = tf.memory().numTensors,
      stop = new AbortController();
    let failure: unknown;
    await integrateOverTraining(model, data, {
      ...settings,
      images: { images },
      target: 0,
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done === 2) stop.abort();
      },
    }).catch((error: unknown) => {
      failure = error;
    });
    expect(failure).to.be.instanceOf(InterruptedError);
    expect(tf.memory().numTensors).to.equal(tensors);
  });
});

async function rejects(work: Promise<unknown>, message: RegExp): Promise<void> {
  let failure: Error | undefined;
  await work.catch((error: Error) => {
    failure = error;
  });
  expect(failure?.message).to.match(message);
}
