import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as tf from "@tensorflow/tfjs";
import type { AttributionOptions } from "../../../lib/attribution/attribution";
import { attributionMethods } from "../../../lib/attribution/methods";
import { noiseOf } from "../../../lib/attribution/noise";
import { backendChoice } from "../../../lib/backend";
import { loadFashionMnist } from "../../../lib/data/fashion-mnist";
import type { LabelledImages } from "../../../lib/data/labelled-images";
import { readNpy, writeNpy } from "../../../lib/data/npy";
import { loadModel } from "../../../lib/model/load-model";
import type { VisionModel } from "../../../lib/model/vision-model";
import { random } from "../../../lib/util/random";
import { relativeError } from "../../helpers/finite-difference";
import { runReference } from "../../helpers/pytorch";

const modelFolder = resolve("models/fashion-deep");
/**
 * TensorFlow's and PyTorch's processor kernels round alike, so that 1e-4 leaves much room. On other backends one of the
 * ten million activations on the paths of integrated gradients can lie within rounding of a ReLU's or a max-pooling's
 * kink and tip over: seen on wasm, one image at one of 20 points, 2.2e-4 in the sum and 1e-7 everywhere else.
 */
const allowed = (method: string): number => (method === "integrated-gradients" && backendChoice().name !== "tensorflow" ? 1e-3 : 1e-4);

interface Case {
  method: string;
  /** As a caller of the library writes them; a string stands for the images in that file. */
  ours: Record<string, unknown>;
  /** The same for Captum, where it is written otherwise. */
  captum?: Record<string, unknown>;
}

const occlusionCase = (window: number | number[], stride: number | number[], captumWindow: number[], captumStride: number[], baseline: number | string = 0): Case =>
  ({ method: "occlusion", ours: { window, stride, baseline }, captum: { window: captumWindow, stride: captumStride, baseline } });

const cases: Case[] = [
  { method: "saliency", ours: {} },
  { method: "saliency", ours: { abs: true } },
  { method: "input-x-gradient", ours: {} },
  { method: "input-x-gradient", ours: { variant: "absolute" } },
  { method: "guided-backprop", ours: {} },
  { method: "deconvolution", ours: {} },
  { method: "integrated-gradients", ours: {}, captum: { steps: 50, quadrature: "gausslegendre", baseline: 0 } },
  ...["riemann_left", "riemann_right", "riemann_middle", "riemann_trapezoid"].map((quadrature) => ({ method: "integrated-gradients", ours: { quadrature } })),
  { method: "integrated-gradients", ours: { steps: 7, baseline: 0.5 } },
  { method: "integrated-gradients", ours: { steps: 20, quadrature: "riemann_middle", baseline: "one.npy" } },
  { method: "integrated-gradients", ours: { steps: 20, baseline: "each.npy" } },
  ...["smoothgrad", "squared", "vargrad"].map((variant) => ({ method: "smoothgrad", ours: { variant, samples: 6, sigma: 0.2, seed: 4 }, captum: { variant, samples: 6, noise: "noise.npy" } })),
  { method: "grad-cam", ours: {} },
  { method: "grad-cam", ours: { signed: true, layer: "conv6" } },
  { method: "grad-cam", ours: { layer: "conv3", upsample: true } },
  { method: "guided-grad-cam", ours: {} },
  { method: "guided-grad-cam", ours: { layer: "conv4" } },
  occlusionCase(4, 4, [4, 4, 1], [4, 4, 1]),
  occlusionCase(5, 3, [5, 5, 1], [3, 3, 1]),
  occlusionCase(6, 4, [6, 6, 1], [4, 4, 1], 0.5),
  occlusionCase([9, 4], [5, 3], [9, 4, 1], [5, 3, 1], "one.npy"),
  occlusionCase([3, 28], [2, 1], [3, 28, 1], [2, 1, 1], "each.npy"),
  occlusionCase([28, 28, 1], 28, [28, 28, 1], [28, 28, 28]),
];

/**
 * The garments with a little noise on them. A flat background makes all four values of a max-pooling equal but for their last
 * bit, which each processor's kernels round in their own way: integrated gradients from a flat grey then differed by 2e-2
 * on one machine and by 1e-7 on another, and PyTorch's own float32 from its float64 by 0.13.
 */
async function dithered(data: LabelledImages): Promise<LabelledImages> {
  const { uniform } = random(11);
  const values = (await data.images.data()).map((value) => 0.95 * value + 0.05 * uniform());
  const images = tf.tensor4d(values, data.images.shape);
  data.dispose();
  return { ...data, images, dispose: () => images.dispose() };
}

describe("Captum on the same weights", function () {
  this.timeout(120_000);
  let folder: string, model: VisionModel, data: LabelledImages, baselines: LabelledImages, target: number[];
  const report: string[] = [];

  const tensorOf = (name: unknown): unknown => (name === "one.npy" || name === "each.npy" ? (name === "one.npy" ? baselines.images.slice(0, 1) : baselines.images) : name);
  const run = async ({ method, ours }: Case) => {
    const options = { ...ours, target, ...("baseline" in ours && { baseline: tensorOf(ours.baseline) }) } as AttributionOptions & { baseline?: tf.Tensor };
    const result = await attributionMethods[method].explain(model, data.images, options);
    if (ours.baseline === "one.npy") options.baseline?.dispose();
    return result;
  };

  before(async function () {
    folder = mkdtempSync(join(tmpdir(), "vitrine-captum-"));
    model = await loadModel("fashion-deep");
    data = await loadFashionMnist({ split: "test", indices: [0, 1, 2, 3, 18, 23, 40, 61] });
    baselines = await loadFashionMnist({ split: "test", indices: [100, 101, 102, 103, 104, 105, 106, 107] });
    data = await dithered(data);
    // Not only the predicted class: another one's map has another sign pattern.
    target = data.labels.map((label, i) => (i % 2 === 0 ? label : (label + 3) % 10));
    const write = (name: string, images: tf.Tensor) => writeNpy(join(folder, name), { dtype: "float32", shape: images.shape, data: images.dataSync() as Float32Array });
    const one = baselines.images.slice(0, 1);
    await writeNpy(join(folder, "noise.npy"), { dtype: "float32", shape: [6, 28, 28, 1], data: noiseOf({ first: 0, count: 6 }, 28 * 28, 0.2, 4) });
    await Promise.all([write("images.npy", data.images), write("one.npy", one), write("each.npy", baselines.images)]);
    one.dispose();
    const job = { model: modelFolder, target, cases: cases.map(({ method, ours, captum = ours }) => ({ method, options: captum })) };
    writeFileSync(join(folder, "job.json"), JSON.stringify(job));
    const versions = runReference(this, join(__dirname, "captum_reference.py"), folder);
    report.push(`${versions}, ${data.images.shape[0]} ${data.source} Fashion-MNIST images, ${model.name}`);
  });

  after(() => {
    if (report.length > 1) console.log(report.map((line) => `      ${line}`).join("\n"));
    rmSync(folder, { recursive: true, force: true });
    model?.dispose();
    data?.dispose();
    baselines?.dispose();
  });

  it("computes the same logits", async () => {
    const ours = model.logits(data.images);
    expect(relativeError(ours.dataSync(), (await readNpy(join(folder, "logits.npy"))).data as Float32Array)).to.be.below(1e-5);
    ours.dispose();
  });

  cases.forEach((entry, index) => {
    const title = `${entry.method} ${JSON.stringify(entry.ours)}`;
    it(`${title}`, async () => {
      const result = await run(entry);
      const wanted = await readNpy(join(folder, `${index}.npy`));
      expect(result.values.shape).to.deep.equal(wanted.shape);
      expect((wanted.data as Float32Array).some((value) => value !== 0)).to.equal(true);
      const error = relativeError(result.values.dataSync(), wanted.data as Float32Array);
      report.push(`${error.toExponential(1)}  ${title}`);
      if (result.convergenceDelta) {
        // The delta is what is left of two numbers of the logits' size; its error is measured against those.
        const delta = (await readNpy(join(folder, `${index}-delta.npy`))).data as Float32Array;
        const got = result.convergenceDelta.dataSync();
        for (let i = 0; i < delta.length; i++) expect(got[i]).to.be.closeTo(delta[i], 10 * allowed(entry.method));
      }
      result.dispose();
      expect(error).to.be.at.most(allowed(entry.method));
    });
  });
});
