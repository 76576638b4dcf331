import { expect } from "chai";
import * as fs from "node:fs";
import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { loadFlowerPhotograph, MissingDataError } from "../../../lib/data";
import { realFlowers } from "../../helpers/real-data";
import { temporaryFolder } from "./helpers";

describe("loadFlowerPhotograph", function () {
  this.timeout(300_000);

  it("is a bright orange flower before a dark blue-green ground, and one tensor", async function () {
    const before = tf.memory().numTensors;
    let image: tf.Tensor4D;
    try {
      image = await loadFlowerPhotograph({ size: 64 });
    } catch (error) {
      if (!(error instanceof MissingDataError)) throw error;
      if (this.test) this.test.title += ` — skipped: ${error.message.split("\n")[0]}`;
      return this.skip();
    }
    expect(image.shape).to.deep.equal([1, 64, 64, 3]);
    expect(tf.memory().numTensors - before).to.equal(1);
    const [[middle, corner]] = [
      [
        [26, 26],
        [2, 2],
      ].map(([y, x]) => Array.from(tf.tidy(() => tf.mean(image.slice([0, y, x], [1, 6, 6]), [0, 1, 2]).dataSync()))),
    ];
    expect(middle[0], "red")
      .to.be.above(0.5)
      .and.above(2 * corner[0]);
    expect(middle[0]).to.be.above(1.5 * middle[2]);
    expect(Math.max(...corner), "dark").to.be.below(0.4);
    image.dispose();
  });
});

describe("openFlowers", function () {
  this.timeout(300_000);
  const folder = temporaryFolder();
  const kept = process.env.XDG_CACHE_HOME;
  beforeEach(() => {
    process.env.XDG_CACHE_HOME = path.join(folder(), "cache");
  });
  afterEach(() => {
    if (kept === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = kept;
  });

  it("opens the flower photographs", async function () {
    const flowers = await realFlowers(this, { size: 32, perClass: 40 });
    const classes = ["daisy", "dandelion", "roses", "sunflowers", "tulips"];
    expect([flowers.classNames, flowers.skipped]).to.deep.equal([classes, []]);
    expect(flowers.train.count + flowers.test.count).to.equal(200);
    // Sunflowers are yellower than roses: what is read belongs to its label.
    const means = await Promise.all(
      [2, 3].map(async (label) => {
        const images = await flowers.train.images(
          flowers.train.labels.flatMap((each, i) => (each === label ? [i] : [])),
        );
        const [red, green, blue] = tf.tidy(() => images.mean([0, 1, 2]).arraySync() as number[]);
        images.dispose();
        return (red + green) / 2 - blue;
      }),
    );
    expect(means[1]).to.be.above(means[0] + 0.01);
    await flowers.close();
  });

  it("has each photographer's photographs on one side, and holds out those of sheet 05", async function () {
    const flowers = await realFlowers(this, { size: 32 });
    await flowers.close();
    const named = (file: string): string => file.split(path.sep).slice(-2).join("/");
    const [train, test] = [flowers.train, flowers.test].map(({ files }) => files.map(named));
    const credits = fs.readFileSync(path.join(path.dirname(flowers.test.files[0]), "..", "LICENSE.txt"), "utf8");
    const by = (files: readonly string[]): Set<string> =>
      new Set(
        credits.split("\n").flatMap((line) => {
          const [, file, name] = /^(\S+) CC-BY by (.*) - http\S+$/.exec(line) ?? [];
          return file && files.includes(file) ? [name] : [];
        }),
      );
    const taught = by(train),
      held = [...by(test)];
    expect(held.length).to.be.above(100);
    expect(held.filter((name) => taught.has(name))).to.deep.equal([]);
    expect(test.length / (train.length + test.length)).to.be.within(0.19, 0.22);
    const name = "05-attribution-through-training";
    const sheet = fs.readFileSync(path.join(__dirname, "../../../notebooks/source", name, `${name}.ipynb`), "utf8");
    const boxed = [...sheet.matchAll(/file: \\"(\w+\.jpg)\\"/g)].map(([, name]) => name);
    expect(boxed).to.have.length(8);
    boxed.forEach((name) =>
      expect(
        test.some((file) => file.endsWith(name)),
        name,
      ).to.equal(true),
    );
  });
});
