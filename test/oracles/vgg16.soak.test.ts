import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { saliency } from "../../lib/attribution/saliency";
import { ready } from "../../lib/backend";
import { encodeNpy, readNpy } from "../../lib/data/npy";
import { describeEntry, registryEntry } from "../../lib/data/registry";
import { obtainEntry, takeIn } from "../../lib/data/obtain";
import { hashFile } from "../../lib/data/verify";
import { loadModel } from "../../lib/model/load-model";
import type { VisionModel } from "../../lib/model/vision-model";
import { random } from "../../lib/core/random";
import { classVisualization } from "../../lib/visualize";
import { noise } from "../../lib/core/noise";
import { relativeError } from "../helpers/finite-difference";
import { runReference } from "./oracle";
import { randomPictures } from "./pretrained";

const targets = [3, 604],
  seed = 4,
  jitter = 16,
  rate = 25,
  l2 = 1e-3;

/** How far values are from others, as a share of the largest: the median, and the 99th of a hundred. */
function distances(ours: ArrayLike<number>, theirs: ArrayLike<number>): readonly [median: number, most: number] {
  const largest = Array.from(theirs).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const off = Float64Array.from(ours, (value, i) => Math.abs(value - theirs[i]) / largest).sort();
  return [off[off.length >> 1], off[Math.floor(0.99 * off.length)]];
}

const inWords = ([median, most]: readonly [number, number]): string =>
  `half within ${median.toExponential(1)}, 99 % within ${most.toExponential(1)}`;

describe("VGG-16 at its full width, with random weights that PyTorch made [needs PyTorch]", function () {
  this.timeout(900_000);
  let folder: string, file: string, model: VisionModel, said: string;
  const report: string[] = [];
  const theirs = async (name: string): Promise<Float32Array> =>
    (await readNpy(join(folder, `${name}.npy`))).data as Float32Array;
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const began = Date.now(),
      before = process.cpuUsage(),
      result = await work(),
      { user, system } = process.cpuUsage(before);
    report.push(
      `${what} ${((Date.now() - began) / 1000).toFixed(1)} s (${((user + system) / 1e6).toFixed(1)} of ` +
        `processors), memory ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`,
    );
    return result;
  };

  before(async function () {
    await ready();
    folder = mkdtempSync(join(tmpdir(), "vitrine-vgg16-"));
    file = join(folder, "vgg16-random.pth");
    const pictures = randomPictures(),
      start = tf.tidy(() => noise(1, [224, 224, 3], seed).dataSync() as Float32Array);
    writeFileSync(join(folder, "images.npy"), encodeNpy(pictures));
    writeFileSync(
      join(folder, "start.npy"),
      encodeNpy({ dtype: "float32", shape: [1, 224, 224, 3], data: Float32Array.from(start) }),
    );
    const chance = random(seed, 0x6a17),
      shift = [chance.integer(jitter + 1), chance.integer(jitter + 1)];
    const question = {
      file: "vgg16-random.pth",
      images: "images.npy",
      start: "start.npy",
      targets,
      step: { shift, target: targets[1], rate, l2 },
    };
    said = runReference(this, "vgg16_reference.py", folder, JSON.stringify(question));
    report.push(`PyTorch: ${said}`);
    model = await timed("loaded:", () => loadModel(file));
  });
  after(() => {
    console.log(report.map((line) => `      ${line}`).join("\n"));
    model?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is a file of torchvision's size, and a thousand of ImageNet's classes", () => {
    const [{ bytes }] = registryEntry("model", "vgg16").sources.flatMap((source) =>
      source.kind === "files" ? source.files : [],
    );
    // The pickle around the numbers is a few kilobytes, and differs with PyTorch's version.
    expect(Math.abs(statSync(file).size - bytes)).to.be.below(20_000);
    expect([model.name, model.classNames.length, model.classNames[604]]).to.deep.equal(["vgg16", 1000, "hourglass"]);
  });

  it("says what PyTorch says, and its saliency is PyTorch's", async () => {
    const { data } = randomPictures(),
      images = tf.tensor4d(data as Float32Array, [2, 224, 224, 3]);
    const logits = await timed("logits of two pictures:", () =>
      Promise.resolve(tf.tidy(() => model.logits(images).dataSync())),
    );
    expect(relativeError(logits, await theirs("logits"))).to.be.below(1e-4);
    const map = await timed("saliency of two pictures:", () => saliency(model, images, { target: targets }));
    const values = map.values.dataSync() as Float32Array,
      gradient = await theirs("gradient"),
      exact = await theirs("exact"),
      one = exact.length;
    const between = distances(values, gradient),
      own = distances(values.subarray(0, one), exact),
      pytorchs = distances(gradient.subarray(0, one), exact);
    report.push(
      `logits differ by ${relativeError(logits, await theirs("logits")).toExponential(1)}; saliency from ` +
        `PyTorch's: ${inWords(between)}, all within ${relativeError(values, gradient).toExponential(1)}`,
    );
    report.push(`saliency from double precision: ${inWords(own)}; PyTorch's: ${inWords(pytorchs)}`);
    // Rounding now and then decides at one of 15 million ReLUs and poolings, in Vitrine and in PyTorch alike
    // (docs/exactness.md).
    expect(between[0]).to.be.below(1e-3);
    expect(between[1]).to.be.below(0.05);
    for (const k of [0, 1])
      expect(own[k], "no further from double precision than PyTorch is").to.be.below(Math.max(1e-6, 3 * pytorchs[k]));
    images.dispose();
    map.dispose();
  });

  it("takes PyTorch's step of class visualization", async () => {
    const step = () =>
      classVisualization(model, targets[1], {
        iterations: 1,
        learningRate: rate,
        l2Regularization: l2,
        blurEvery: 0,
        jitter,
        seed,
      });
    const made = await timed("one step of class visualization:", step),
      wanted = await theirs("step"),
      image = made.image.dataSync();
    report.push(
      `the step from PyTorch's: ${inWords(distances(image, wanted))}, all within ` +
        `${relativeError(image, wanted).toExponential(1)}`,
    );
    expect(relativeError(image, wanted)).to.be.below(0.01);
    expect(distances(image, wanted)[0]).to.be.below(1e-4);
    const start = await readNpy(join(folder, "start.npy"));
    expect(relativeError(image, start.data as Float32Array), "it moved").to.be.above(0.05);
    made.dispose();
    const ten = await timed("ten steps:", () => classVisualization(model, targets[1], { iterations: 10, seed }));
    expect(ten.scores.at(-1)![0]).to.be.above(ten.scores[0][0]);
    ten.dispose();
  });

  it("one command takes a file in where its hash is the registry's, and says why where it is not", async () => {
    const official = registryEntry("model", "vgg16"),
      [source] = official.sources,
      places = { cache: join(folder, "cache"), offline: true, root: folder };
    if (source.kind !== "files") throw new Error("vgg16 is one file");
    const refused = await takeIn(official, file, places).then(
      () => "taken",
      (error: Error) => error.message,
    );
    expect(refused)
      .to.match(/It is none: as vgg16-397923af\.pth it is (truncated|too long): \d+ bytes instead of 553433881/)
      .and.not.include("\n");
    // As if this were the published file.
    const known = [{ ...source.files[0], bytes: statSync(file).size, sha256: await hashFile(file) }];
    const entry = { ...official, sources: [{ ...source, files: known }] };
    await takeIn(entry, file, places);
    expect(describeEntry(entry, places).source).to.equal("cached");
    const { files } = await obtainEntry(entry, { places });
    const again = await loadModel(files[0].file),
      picture = tf.tensor4d(randomPictures().data.subarray(0, 224 * 224 * 3) as Float32Array, [1, 224, 224, 3]);
    const [ours] = tf.tidy(() => again.logits(picture).arraySync() as number[][]);
    expect(relativeError(ours, (await theirs("logits")).subarray(0, 1000))).to.be.below(1e-4);
    picture.dispose();
    again.dispose();
  });
});
