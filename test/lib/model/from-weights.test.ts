import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { saliency } from "../../../lib/attribution/saliency";
import { ready } from "../../../lib/backend";
import { readNpy, writeNpy } from "../../../lib/data/npy";
import { readPth } from "../../../lib/data/pth";
import { writeSafetensors } from "../../../lib/data/safetensors";
import type { NdArray } from "../../../lib/data/nd-array";
import { fromWeights } from "../../../lib/model/from-weights";
import { loadModel } from "../../../lib/model/load-model";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";
import { relativeError } from "../../helpers/finite-difference";
import { runReference } from "../../helpers/pytorch";
import { dictionaryOf, op, tupleOf, zipCheckpoint } from "../data/pickle-bytes";
import { messageOf } from "./tiny-models";

/** Small networks that PyTorch makes, in the layouts of the files that users download. */
const networks = [
  { network: "squeezenet_torchvision", legacy: false, name: "squeezenet1_1", last: "pool10" },
  { network: "googlenet_torchvision", legacy: true, name: "googlenet", last: "loss3/classifier" },
  { network: "vgg16", legacy: true, name: "vgg16", last: "fc8" },
  { network: "deit", legacy: false, name: "deit", last: "head" },
] as const;

describe("networks from weights files", function () {
  this.timeout(120_000);
  let folder = "";
  const file = (network: string): string => join(folder, `${network}.pth`);
  const numbers = async (name: string): Promise<Float32Array> => (await readNpy(join(folder, name))).data as Float32Array;
  const pictures = (): tf.Tensor4D => tf.randomUniform([2, 224, 224, 3], 0, 1, "float32", 8);

  before(async function () {
    await ready();
    folder = mkdtempSync(join(tmpdir(), "vitrine-weights-"));
    const images = pictures();
    await writeNpy(join(folder, "images.npy"), { dtype: "float32", shape: images.shape, data: images.dataSync() as Float32Array });
    images.dispose();
    const jobs = networks.flatMap(({ network, legacy }) => [
      { make: network, out: file(network), legacy }, { network, weights: file(network), images: join(folder, "images.npy"), targets: [3, 7], out: join(folder, network) },
    ]);
    writeFileSync(join(folder, "job.json"), JSON.stringify(jobs));
    runReference(this, join(__dirname, "pretrained_reference.py"), folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  forEachBackend(() => {
    for (const { network, name, last } of networks) {
      it(`${network}: logits and gradient are PyTorch's, and nothing is left`, async () => {
        expect(await tensorsLeft(async () => {
          const images = tf.tensor4d(await numbers("images.npy"), [2, 224, 224, 3]);
          const model = await loadModel(file(network));
          expect([model.name, model.classNames.length, model.classNames[9], model.layers().at(-1)!.name]).to.deep.equal([name, 10, "class 9", last]);
          const logits = model.logits(images), map = await saliency(model, images, { target: [3, 7] });
          expect(relativeError(logits.dataSync(), await numbers(`${network}-logits.npy`)), "logits").to.be.below(1e-4);
          const own = tf.tidy(() => model.targetLogits!(images, tf.oneHot(tf.tensor1d([3, 7], "int32"), 10).toFloat() as tf.Tensor2D).dataSync());
          const all = logits.dataSync();
          expect(relativeError(own, Float32Array.of(all[3], all[17])), "the targets' logits").to.be.below(1e-5);
          expect(relativeError(map.values.dataSync(), await numbers(`${network}-gradient.npy`)), "gradient").to.be.below(1e-3);
          tf.dispose([images, logits]);
          map.dispose();
          model.dispose();
        })).to.equal(0);
      });
    }
  });

  it("every named layer can be read, replaced and differentiated", async () => {
    const image = tf.randomUniform([1, 224, 224, 3], 0, 1, "float32", 3) as tf.Tensor4D;
    for (const { network } of networks) {
      const model = await fromWeights(file(network));
      const wanted = model.logits(image).dataSync();
      for (const { name, outputShape } of model.layers()) {
        const seen = model.activations(image, name);
        expect(seen.shape, name).to.deep.equal([1, ...outputShape]);
        // Put back where it was taken from, it makes the same logits, which depend on it.
        const again = model.logits(image, (layer, output) => (layer === name ? seen : output));
        expect(relativeError(again.dataSync(), wanted), name).to.be.below(1e-6);
        const slope = tf.grad((x) => tf.sum(model.logits(image, (layer, output) => (layer === name ? x : output))))(seen);
        expect(slope.abs().max().dataSync()[0], name).to.be.above(0);
      }
      model.dispose();
    }
  });

  it("a copy with logits of its own has those logits of each class", async () => {
    const model = await fromWeights(file("squeezenet_torchvision")), images = pictures();
    const doubled = Object.create(model, { logits: { value: (x: tf.Tensor4D) => tf.tidy(() => tf.mul(2, model.logits(x))) } }) as typeof model;
    const oneHot = tf.tidy(() => tf.oneHot(tf.tensor1d([4], "int32"), 10).toFloat() as tf.Tensor2D);
    const [own, twice] = [model, doubled].map((each) => Array.from(tf.tidy(() => each.targetLogits!(images, oneHot).dataSync())));
    expect(relativeError(twice, own.map((value) => 2 * value))).to.be.below(1e-6);
    expect(Math.max(...own)).to.be.above(0);
    tf.dispose([images, oneHot]);
    model.dispose();
  });

  it("the same weights read from safetensors make the same network", async () => {
    await writeSafetensors(join(folder, "vgg16.safetensors"), await readPth(file("vgg16")));
    const images = pictures();
    const [pth, safetensors] = await Promise.all([fromWeights(file("vgg16")), fromWeights(join(folder, "vgg16.safetensors"), { name: "mine", classNames: [..."abcdefghij"] })]);
    expect([safetensors.name, safetensors.classNames[3]]).to.deep.equal(["mine", "d"]);
    expect(relativeError(safetensors.logits(images).dataSync(), pth.logits(images).dataSync())).to.equal(0);
    pth.dispose();
    safetensors.dispose();
  });

  it("bad files are refused by name, in one line, leaving nothing", async () => {
    const write = (name: string, change: (arrays: Map<string, NdArray>) => void) => async (): Promise<string> => {
      const arrays = await readPth(file("vgg16"));
      change(arrays);
      await writeSafetensors(join(folder, name), arrays);
      return join(folder, name);
    };
    const system = Buffer.concat([op.global("os", "system"), tupleOf(op.text("touch pwned")), op.reduce]);
    const cases: [() => Promise<string>, RegExp][] = [
      [write("missing.safetensors", (arrays) => arrays.delete("features.7.bias")), /missing\.safetensors lacks the tensor "features\.7\.bias"/],
      [write("shape.safetensors", (arrays) => arrays.set("classifier.3.weight", { dtype: "float32", shape: [16, 15], data: new Float32Array(240) })),
        /holds tensor "classifier\.3\.weight" of shape \[16, 15\], where \[any, 16\] is needed/],
      [write("nan.safetensors", (arrays) => (arrays.get("features.0.bias")!.data as Float32Array).fill(NaN)), /"features\.0\.bias" with values that are not finite/],
      [write("other.safetensors", (arrays) => arrays.delete("features.28.weight")), /holds the weights of no network that is built here; those are: squeezenet1_1, googlenet, vgg16, deit/],
      [async () => { const path = join(folder, "hostile.pth"); writeFileSync(path, zipCheckpoint(dictionaryOf({ "features.28.weight": system }))); return path; }, /hostile\.pth is refused: its pickle asks for os\.system/],
      [async () => { const path = await write("cut.safetensors", () => undefined)(); truncateSync(path, 5000); return path; }, /cut\.safetensors is truncated or corrupt/],
      [async () => join(folder, "absent.pth"), /absent\.pth/],
    ];
    for (const [make, message] of cases) {
      const path = await make();
      expect(await tensorsLeft(async () => expect(await messageOf(() => loadModel(path))).to.match(message).and.not.include("\n"))).to.equal(0);
    }
    expect(await tensorsLeft(async () => expect(await messageOf(() => fromWeights(file("vgg16"), { classNames: ["a"] }))).to.match(/classNames is "1 names"; allowed: 10/))).to.equal(0);
  });
});
