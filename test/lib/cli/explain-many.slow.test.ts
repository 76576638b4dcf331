import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { encodeNpy, readNpy } from "../../../lib/data/npy";
import { tensorsLeft } from "../../helpers/backends";
import { relativeError } from "../../helpers/finite-difference";
import { manyImages, type ManyFixture } from "./many-images";
import { vitrineHere } from "./run-cli";

describe("npx vitrine explain of many images", function () {
  this.timeout(60_000);
  let many: ManyFixture;
  const explain = (into: string, ...more: string[]) =>
    vitrineHere(
      "explain",
      "--model",
      many.model,
      "--method",
      "integrated-gradients",
      "--steps",
      "4",
      "--into",
      join(many.folder, into),
      ...more,
    );
  const images = (): string => join(many.folder, "images");
  before(async () => {
    many = await manyImages(7);
  });
  after(() => many.remove());

  it("writes what explaining one at a time writes, and leaves no tensor", async () => {
    let said = { status: 1 as number | null, stdout: "" };
    expect(
      await tensorsLeft(async () => {
        said = await explain("all", images());
      }),
    ).to.equal(0);
    expect(said.status).to.equal(0);
    expect(said.stdout).to.match(/^shard 1\/1: 7 written, 0 already there, 0 failed; /);
    const files = Object.keys(many.contents("all"));
    expect(files.filter((name) => name.endsWith(".npy")).sort()).to.deep.equal([
      "even/0.npy.npy",
      "even/2.npy.npy",
      "even/4.npy.npy",
      "even/6.npy.npy",
      "odd/1.npy.npy",
      "odd/3.npy.npy",
      "odd/5.npy.npy",
    ]);
    expect(files).to.include("explain.json").and.to.have.length(15);
    const out = join(many.folder, "one.npy");
    const single = await vitrineHere(
      "explain",
      "--model",
      many.model,
      "--method",
      "integrated-gradients",
      "--steps",
      "4",
      "--input",
      join(images(), "odd/3.npy"),
      "--out",
      out,
    );
    const about = JSON.parse(many.contents("all")["odd/3.npy.json"]) as {
      input: string;
      target: number[];
      class: string[];
      convergenceDelta: number[];
    };
    expect(single.stdout).to.include(`target ${about.class[0]} (${about.target[0]})`);
    expect(about.input).to.equal("odd/3.npy");
    expect(about.convergenceDelta).to.have.length(1);
    const [together, alone] = [await readNpy(join(many.folder, "all/odd/3.npy.npy")), await readNpy(out)];
    expect(together.shape).to.deep.equal([1, 5, 5, 2]);
    expect(relativeError(together.data as Float32Array, alone.data as Float32Array)).to.be.below(1e-6);
  });

  it("passes over what is finished and makes what is missing", async () => {
    const before = many.contents("all"),
      kept = join(many.folder, "all/even/2.npy.npy"),
      since = statSync(kept).mtimeMs;
    rmSync(join(many.folder, "all/odd/1.npy.npy"));
    expect((await explain("all", images())).stdout).to.match(/: 1 written, 6 already there, 0 failed/);
    expect(many.contents("all")).to.have.all.keys(Object.keys(before));
    expect(statSync(kept).mtimeMs).to.equal(since);
  });

  it("shards are disjoint and together the whole; a list names the images too", async () => {
    const list = join(many.folder, "list.txt");
    writeFileSync(
      list,
      Array.from({ length: 7 }, (_, i) => `images/${i % 2 === 0 ? "even" : "odd"}/${i}.npy\n`).join(""),
    );
    const counts: number[] = [];
    for (const shard of ["1/3", "2/3", "3/3"])
      counts.push(
        Number(
          /: (\d+) written, 0 already/.exec(
            (await explain("parts", "--list", list, "--shard", shard, "--batch-size", "2")).stdout,
          )![1],
        ),
      );
    expect(counts).to.deep.equal([3, 2, 2]);
    const [whole, parts] = [many.contents("all"), many.contents("parts")];
    expect(Object.keys(parts)).to.deep.equal(Object.keys(whole));
    for (const name of Object.keys(whole).filter((name) => name.endsWith(".npy"))) {
      const [a, b] = await Promise.all(["all", "parts"].map((folder) => readNpy(join(many.folder, folder, name))));
      expect(relativeError(a.data as Float32Array, b.data as Float32Array), name).to.be.below(1e-6);
    }
  });

  it("says which images are bad and explains the others", async () => {
    const some = join(many.folder, "some");
    mkdirSync(some);
    writeFileSync(join(some, "broken.png"), "no picture");
    const good = join(images(), "even/0.npy");
    const { status, stdout, stderr } = await explain("bad", some, good);
    expect(status).to.equal(1);
    expect(stdout).to.match(/: 1 written, 0 already there, 1 failed/);
    expect(stderr).to.match(/^failed: .*broken\.png: \S.*\n$/);
    expect(Object.keys(many.contents("bad"))).to.deep.equal([
      "explain.json",
      "images/even/0.npy.json",
      "images/even/0.npy.npy",
    ]);
  });

  it("draws a picture of each if asked to", async () => {
    const file = join(many.folder, "garment.npy");
    writeFileSync(
      file,
      encodeNpy({ dtype: "uint8", shape: [28, 28, 1], data: Uint8Array.from({ length: 784 }, (_, i) => i % 251) }),
    );
    const { status, stderr } = await vitrineHere(
      "explain",
      "--model",
      "fashion-deep",
      "--method",
      "saliency",
      "--into",
      join(many.folder, "drawn"),
      "--pictures",
      file,
    );
    expect([status, stderr]).to.deep.equal([0, ""]);
    expect(Object.keys(many.contents("drawn"))).to.deep.equal([
      "explain.json",
      "garment.npy.json",
      "garment.npy.npy",
      "garment.npy.png",
    ]);
    expect(many.contents("drawn")["garment.npy.png"].slice(1, 4)).to.equal("PNG");
  });

  for (const [what, args, message] of [
    [
      "other settings in the same folder",
      () => ["all", images(), "--target", "1"],
      /explain\.json is .*allowed: the settings of this run\..*--into/,
    ],
    ["a shard that is none", () => ["x", images(), "--shard", "4/3"], /--shard is "4\/3"; allowed: K\/N/],
    [
      "a file that is not there",
      () => ["x", "nowhere.png"],
      /an image is "nowhere\.png"; allowed: a file or folder that exists/,
    ],
    ["several targets", () => ["y", images(), "--target", "0,1"], /--target is "0,1"; allowed with --into: one class/],
    ["--out beside --into", () => ["x", images(), "--out", "a.npy"], /--out does not go with --into/],
  ] as [string, () => string[], RegExp][]) {
    it(`refuses ${what} in one line`, async () => {
      const [into, ...more] = args();
      const { status, stderr } = await explain(into, ...more);
      expect(status).to.be.oneOf([1, 2]);
      expect(stderr)
        .to.match(message)
        .and.match(/^vitrine: [^\n]+\n$/);
    });
  }
});
