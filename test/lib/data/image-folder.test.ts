import { expect } from "chai";
import * as fs from "node:fs";
import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { encodePng, type Pixels } from "../../../lib/data/image-files";
import { openImageFolder, type ImageFolder } from "../../../lib/data/image-folder";
import { centreCrop } from "../../../lib/data/resize";
import { pixelsOf } from "../../../lib/training/recording/training-data";
import { tensorsLeft } from "../../helpers/backends";
import { failure, temporaryFolder } from "./helpers";
import { answersIn, keptPictures } from "./picture-files";

describe("folders of pictures", function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const kept = process.env.XDG_CACHE_HOME;
  beforeEach(() => {
    process.env.XDG_CACHE_HOME = path.join(folder(), "cache");
  });
  afterEach(() => {
    if (kept === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = kept;
  });

  /** One colour a picture, so that a picture can be told by its values; 20 × 30 pixels. */
  function make(classes: Record<string, number[]>): string {
    const root = path.join(folder(), "pictures");
    for (const [name, shades] of Object.entries(classes)) {
      fs.mkdirSync(path.join(root, name), { recursive: true });
      shades.forEach((shade, i) =>
        fs.writeFileSync(
          path.join(root, name, `${i}.png`),
          encodePng({
            height: 20,
            width: 30,
            channels: 3,
            data: Uint8Array.from({ length: 1800 }, (_, k) => (k % 3 === 0 ? shade : 10)),
          }),
        ),
      );
    }
    return root;
  }
  const shadesIn = async (set: {
    count: number;
    images(positions: readonly number[]): Promise<tf.Tensor4D>;
  }): Promise<number[]> => {
    const images = await set.images(Array.from({ length: set.count }, (_, i) => i));
    const reds = tf.tidy(() => images.slice([0, 0, 0, 0], [-1, 1, 1, 1]).dataSync());
    images.dispose();
    return Array.from(reds, (value) => Math.round(255 * value));
  };

  /** Every picture, as bytes. */
  async function shown({ train, test }: ImageFolder): Promise<{ file: string; pixels: number[] }[]> {
    const sides = await Promise.all(
      [train, test].map(async (set) => {
        const images = await set.images(set.files.map((_, i) => i)),
          values = images.dataSync();
        images.dispose();
        const size = values.length / set.count,
          bytes = Array.from(values, (value) => Math.round(255 * value));
        return set.files.map((file, i) => ({ file, pixels: bytes.slice(i * size, (i + 1) * size) }));
      }),
    );
    return sides.flat();
  }

  it("splits every class by the same share and a seed, and reads what is asked for", async () => {
    const shades = (from: number): number[] => Array.from({ length: 10 }, (_, i) => from + i);
    const root = make({ ash: shades(20), birch: shades(60), cedar: shades(100) });
    const one = await openImageFolder(root, { size: 16, heldOut: 0.3 }),
      two = await openImageFolder(root, { size: 16, heldOut: 0.3 }),
      other = await openImageFolder(root, { size: 16, heldOut: 0.3, seed: 2 });
    expect([one.classNames, one.shape, one.train.count, one.test.count]).to.deep.equal([
      ["ash", "birch", "cedar"],
      [16, 16, 3],
      21,
      9,
    ]);
    expect([0, 1, 2].map((label) => one.test.labels.filter((each) => each === label).length)).to.deep.equal([3, 3, 3]);
    const [train, test] = [await shadesIn(one.train), await shadesIn(one.test)];
    expect([...train, ...test].sort((a, b) => a - b)).to.deep.equal([...shades(20), ...shades(60), ...shades(100)]);
    train.forEach((shade, i) => expect(Math.floor((shade - 20) / 40)).to.equal(one.train.labels[i]));
    expect(await shadesIn(two.train)).to.deep.equal(train);
    expect(await shadesIn(other.test)).to.not.deep.equal(test);
    for (const each of [one, two, other]) await each.close();
  });

  it("keeps groups on one side of the split, and each on the same side whatever else is there", async () => {
    const shades = Array.from({ length: 120 }, (_, i) => i);
    const group = (file: string): string => `of ${Number(/\/(\d+)\./.exec(file)![1]) % 40}`;
    const seen: string[] = [];
    const root = make({ ash: shades, birch: shades });
    const all = await openImageFolder(root, {
      size: 8,
      group: (file) => {
        seen.push(file);
        return group(file);
      },
    });
    expect(
      seen.every((file) => /^(ash|birch)\/\d+\.png$/.test(file)),
      "paths from the root on",
    ).to.equal(true);
    const groupsOf = (set: { files: readonly string[] }): string[] =>
      [...new Set(set.files.map((file) => group(file)))].sort();
    const held = groupsOf(all.test);
    expect(groupsOf(all.train).filter((each) => held.includes(each))).to.deep.equal([]);
    expect([all.train.count + all.test.count, groupsOf(all.train).length + held.length]).to.deep.equal([240, 40]);
    // A fifth of 40 groups is 8, give or take what chance does.
    expect(held.length).to.be.within(2, 15);
    expect([...all.test.labels], "class by class").to.deep.equal([...all.test.labels].sort());
    const fewer = await openImageFolder(root, { size: 8, group, perClass: 60 });
    for (const side of ["train", "test"] as const) {
      fewer[side].files.forEach((file) => expect(all[side].files, file).to.include(file));
    }
    const other = await openImageFolder(root, { size: 8, group, seed: 2 });
    expect(groupsOf(other.test)).to.not.deep.equal(held);
    for (const each of [all, fewer, other]) await each.close();
  });

  it("has every class on both sides, of few groups too, and refuses a class that is one group", async () => {
    const root = make({ ash: [1, 2, 3], birch: [4, 5, 6] });
    for (let seed = 1; seed <= 20; seed++) {
      const few = await openImageFolder(root, { size: 8, seed, group: (file) => file });
      for (const set of [few.train, few.test]) {
        expect([...new Set(set.labels)].sort(), `seed ${seed}`).to.deep.equal([0, 1]);
      }
      await few.close();
    }
    const together = (file: string): string => (file.startsWith("ash") ? "one" : file);
    const one = await failure(() => openImageFolder(root, { size: 8, group: together }));
    expect(one.message).to.match(/ash has too few groups of pictures to be split\. A class needs two/);
  });

  it(
    "becomes training data: one side of the split, each picture with its label, also more of them than are read at " +
      "a time",
    async () => {
      const root = make({
        a: Array.from({ length: 200 }, (_, i) => i),
        b: Array.from({ length: 130 }, (_, i) => 100 + i),
      });
      expect(
        await tensorsLeft(async () => {
          const pictures = await openImageFolder(root, { size: 8, heldOut: 0.1 });
          for (const [side, count] of [
            ["train", 297],
            ["test", 33],
          ] as const) {
            const { pixels, labels, shape } = await pixelsOf(pictures, side);
            expect([shape, labels.length, pixels.length]).to.deep.equal([[8, 8, 3], count, count * 192]);
            expect(Array.from(labels)).to.deep.equal(pictures[side].labels);
            expect(Array.from({ length: count }, (_, i) => Math.round(255 * pixels[i * 192]))).to.deep.equal(
              await shadesIn(pictures[side]),
            );
          }
          await pictures.close();
        }),
      ).to.equal(0);
    },
  );

  it("turns pictures of every format upright", async () => {
    const root = path.join(folder(), "turned");
    for (const { name, file } of answersIn(keptPictures).files.filter((each) => each.name.startsWith("orientation"))) {
      const ending = path.extname(name).slice(1);
      fs.mkdirSync(path.join(root, ending), { recursive: true });
      fs.writeFileSync(path.join(root, ending, name), Buffer.from(file, "base64"));
    }
    const pictures = await openImageFolder(root, { size: 12 });
    expect([pictures.classNames, pictures.skipped]).to.deep.equal([["avif", "jpg", "png", "tif", "webp"], []]);
    for (const { file, pixels } of await shown(pictures)) {
      const { name, ...kept } = answersIn(keptPictures).files.find((each) => each.name === path.basename(file))!;
      const whole: Pixels = { ...kept, channels: 3, data: Buffer.from(kept.pixels, "base64") };
      const most = centreCrop(whole, 12, 12).data.reduce(
        (far, value, at) => Math.max(far, Math.abs(value - pixels[at])),
        0,
      );
      expect(most, name).to.be.at.most(3);
    }
    await pictures.close();
  });

  it("gives values in [0, 1], grey by luma, and leaves no tensors", async () => {
    const root = make({ a: [255, 255], b: [0, 0] });
    expect(
      (await tensorsLeft(async () => {
        const grey = await openImageFolder(root, { size: 8, channels: 1, classes: ["b", "a"] });
        const images = await grey.train.images([0, 1]);
        expect([images.shape, grey.classNames]).to.deep.equal([
          [2, 8, 8, 1],
          ["b", "a"],
        ]);
        const [low, high] = [images.min().dataSync()[0], images.max().dataSync()[0]];
        tf.dispose(images);
        // 0.299 · 255 + 0.701 · 10 in gamma-encoded values; libvips weighs in linear light, which is brighter.
        expect(255 * low).to.be.within(4, 12);
        expect(255 * high).to.be.within(80, 140);
        await grey.close();
      })) - 2,
    ).to.equal(0);
  });

  it("leaves out what cannot be decoded, by name, and refuses where that is too much", async () => {
    const root = make({ a: Array.from({ length: 30 }, (_, i) => i), b: [50, 51] });
    fs.writeFileSync(path.join(root, "a", "0.png"), "no picture");
    const some = await openImageFolder(root, { size: 8 });
    expect(some.skipped.map(({ file }) => path.basename(file))).to.deep.equal(["0.png"]);
    expect(some.skipped[0].reason).to.match(/unsupported image format|corrupt|bad/i);
    expect(some.train.count + some.test.count).to.equal(31);
    await some.close();
    const half = fs.readFileSync(path.join(root, "a", "1.png"));
    for (const i of [1, 2, 3]) fs.writeFileSync(path.join(root, "a", `${i}.png`), half.subarray(0, half.length / 2));
    expect((await failure(() => openImageFolder(root, { size: 8 }))).message).to.match(
      /holds 4 of 32 pictures that cannot be decoded: 0\.png \(/,
    );
  });

  it("refuses folders without classes, classes of one picture, and options out of range", async () => {
    const root = make({ a: [1, 2], b: [3] });
    expect((await failure(() => openImageFolder(root))).message).to.match(
      /b has one picture that can be decoded\. A class needs two/,
    );
    fs.rmSync(path.join(root, "b"), { recursive: true });
    expect((await failure(() => openImageFolder(root))).message).to.match(/has only one folder of pictures/);
    expect((await failure(() => openImageFolder(path.join(root, "a")))).message).to.match(/has no folder of pictures/);
    expect((await failure(() => openImageFolder(path.join(root, "none")))).message).to.match(/is no folder/);
    const right = make({ a: [1, 2], c: [3, 4] });
    for (const [options, message] of [
      [{ size: 4 }, /^size is 4/],
      [{ channels: 2 }, /^channels is 2/],
      [{ heldOut: 1 }, /^heldOut is 1/],
      [{ classes: ["a", "x"] }, /^classes is "x"; allowed: a, c/],
      [{ perClass: 1 }, /^perClass is 1/],
    ] as const) {
      expect((await failure(() => openImageFolder(right, options as never))).message).to.match(message);
    }
    const interrupted = new AbortController();
    interrupted.abort();
    expect((await failure(() => openImageFolder(right, { size: 9, signal: interrupted.signal }))).name).to.equal(
      "InterruptedError",
    );
    expect(
      fs.readdirSync(path.join(folder(), "cache", "vitrine", "decoded")).filter((name) => name.endsWith(".tmp")),
    ).to.deep.equal([]);
  });
});
