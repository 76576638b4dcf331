import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { saliency } from "../../lib/attribution/saliency";
import { obtain } from "../../lib/data/obtain";
import { readNpy, writeNpy } from "../../lib/data/npy";
import { tensorsLeft } from "../helpers/backends";
import { relativeError } from "../helpers/finite-difference";
import { runReference } from "../helpers/pytorch";
import { realImagenet, realModel } from "../helpers/real-data";

/** Right answers among the 25 validation photographs, first and within five, as measured with the same weights elsewhere. */
const known = [
  { name: "squeezenet1_1", network: "squeezenet_caffe", top1: 13, top5: 20 },
  { name: "googlenet", network: "googlenet_caffe", top1: 16, top5: 23 },
  { name: "deit_tiny", network: "deit", top1: 20, top5: 25 },
] as const;

/**
 * Each image's error, as a share of its gradient's Euclidean norm. Among the millions of activations behind 25 photographs a few
 * lie within rounding of a ReLU's or a max-pooling's kink, and tip over: the gradient of that image then differs in a part.
 */
function eachError(actual: Float32Array, wanted: Float32Array, count: number): number[] {
  const size = wanted.length / count;
  return Array.from({ length: count }, (_, i) => {
    let difference = 0, norm = 0;
    for (let j = i * size; j < (i + 1) * size; j++) {
      difference += (actual[j] - wanted[j]) ** 2;
      norm += wanted[j] ** 2;
    }
    return Math.sqrt(difference / norm);
  });
}

describe("pretrained networks", function () {
  this.timeout(180_000);
  let folder = "";
  before(() => { folder = mkdtempSync(join(tmpdir(), "vitrine-pretrained-")); });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const { name, network, top1, top5 } of known) {
    it(`${name}: ${top1} and ${top5} of 25, logits and gradients as PyTorch's on the same weights`, async function () {
      expect(await tensorsLeft(async () => {
        const photos = await realImagenet(this, { set: "val" });
        const model = await realModel(this, name);
        const predicted = await model.predict(photos.images, { top: 5 });
        const right = predicted.filter(([first], i) => first.index === photos.labels[i]).length;
        const near = predicted.filter((five, i) => five.some(({ index }) => index === photos.labels[i])).length;
        expect([right, near]).to.deep.equal([top1, top5]);

        const images = join(folder, "images.npy"), out = join(folder, name);
        await writeNpy(images, { dtype: "float32", shape: photos.images.shape, data: photos.images.dataSync() as Float32Array });
        const { files: [{ file }] } = await obtain("model", name);
        writeFileSync(join(folder, "job.json"), JSON.stringify([{ network, weights: resolve(file), images, targets: photos.labels, out }]));
        runReference(this, "test/lib/model/pretrained_reference.py", folder);
        const read = async (part: string): Promise<Float32Array> => (await readNpy(`${out}-${part}.npy`)).data as Float32Array;
        const logits = model.logits(photos.images), map = await saliency(model, photos.images, { target: photos.labels, batchSize: 8 });
        const error = relativeError(logits.dataSync(), await read("logits"));
        const gradientErrors = eachError(map.values.dataSync() as Float32Array, await read("gradient"), photos.labels.length).sort((a, b) => a - b);
        this.test!.title += ` (logits ${error.toExponential(1)}, gradients ${gradientErrors[12].toExponential(1)}, at most ${gradientErrors[24].toExponential(1)})`;
        expect(error).to.be.below(1e-4);
        expect(gradientErrors[12], "median").to.be.below(1e-4);
        expect(gradientErrors[24], "largest").to.be.below(2e-2);
        logits.dispose();
        map.dispose();
        model.dispose();
        photos.dispose();
      })).to.equal(0);
    });
  }

  it("squeezenet1_1: PyPI's package holds the same weights", async function () {
    const photos = await realImagenet(this, { set: "val", count: 2 });
    const logits: Float32Array[] = [];
    for (const [mirror, cache] of [[process.env.VITRINE_MIRROR, undefined], ["", folder]] as const) {
      const kept = { VITRINE_MIRROR: process.env.VITRINE_MIRROR, XDG_CACHE_HOME: process.env.XDG_CACHE_HOME };
      Object.assign(process.env, { VITRINE_MIRROR: mirror ?? "" }, cache ? { XDG_CACHE_HOME: cache } : {});
      try {
        const model = await realModel(this, "squeezenet1_1:caffe");
        logits.push(tf.tidy(() => model.logits(photos.images).dataSync() as Float32Array));
        model.dispose();
      } finally {
        for (const [variable, value] of Object.entries(kept)) if (value === undefined) delete process.env[variable]; else process.env[variable] = value;
      }
    }
    photos.dispose();
    expect(relativeError(logits[1], logits[0])).to.equal(0);
  });
});
