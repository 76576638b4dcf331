import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "../../../lib/backend";
import { writePng } from "../../../lib/data";
import { encodeNpy } from "../../../lib/data/npy";
import { saveModel } from "../../../lib/model/save-model";
import { vitrineHere } from "./run-cli";

type Pixel = readonly [number, number, number];

describe("npx vitrine: images that do not fit the network", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "vitrine-notes-")),
    at = (name: string): string => join(folder, name);
  const draw = (name: string, height: number, width: number, pixel: (x: number, y: number) => Pixel): Promise<void> =>
    writePng(at(name), {
      height,
      width,
      channels: 3,
      data: Uint8Array.from(
        { length: 3 * height * width },
        (_, i) => pixel(Math.floor(i / 3) % width, Math.floor(i / 3 / width))[i % 3],
      ),
    });
  const garment = (x: number, y: number): Pixel => (x > 8 && x < 20 && y > 4 && y < 24 ? [200, 200, 200] : [0, 0, 0]);
  before(async () => {
    await ready();
    for (const [name, channels] of [
      ["grey", 1],
      ["colour", 3],
    ] as const)
      await saveModel(
        tf.sequential({
          name,
          layers: [tf.layers.flatten({ inputShape: [8, 8, channels] }), tf.layers.dense({ units: 2 })],
        }),
        at(name),
        { name, classNames: ["a", "b"] },
      );
    await draw("fits.png", 8, 8, () => [90, 90, 90]);
    await draw("wide.png", 8, 16, () => [90, 90, 90]);
    await draw("large.png", 16, 16, () => [90, 90, 90]);
    await draw("tiny.png", 4, 4, () => [90, 90, 90]);
    await draw("red.png", 8, 8, () => [220, 30, 40]);
    // A cast that a scanner makes, and one coloured pixel.
    await draw("tinted.png", 16, 16, (x, y) => (x + y === 0 ? [255, 0, 0] : [90, 100, 95]));
    await draw("garment.png", 28, 28, garment);
    await draw("white.png", 28, 28, (x, y) => garment(x, y).map((value) => 255 - value) as unknown as Pixel);
    await draw("poppy.png", 40, 60, (x) => (x < 30 ? [220, 30, 40] : [40, 150, 50]));
    writeFileSync(
      at("many.npy"),
      encodeNpy({ dtype: "float32", shape: [2, 16, 8, 1], data: new Float32Array(256).fill(0.2) }),
    );
  });
  after(() => rmSync(folder, { recursive: true }));

  /** What is said on stderr of an image. */
  const said = async (model: string, image: string): Promise<string[]> => {
    const { status, stderr } = await vitrineHere("predict", "--model", model, "--input", at(image));
    expect(status, stderr).to.equal(0);
    return stderr.replaceAll(`${folder}/`, "").replaceAll(`${folder}\\`, "").split("\n").slice(0, -1);
  };

  it("are said to be made smaller or larger, cut, or turned to grey", async () => {
    for (const [model, image, ...words] of [
      ["grey", "fits.png"],
      ["colour", "red.png"],
      ["grey", "wide.png", "is 8 × 16, grey takes 8 × 8: the middle 8 × 8 taken, 50 % cut off."],
      ["grey", "large.png", "is 16 × 16, grey takes 8 × 8: made 8 × 8."],
      ["grey", "tiny.png", "is 4 × 4, grey takes 8 × 8: made 8 × 8, which adds no detail."],
      ["grey", "red.png", "is 8 × 8 in colour, grey takes 8 × 8 in grey: its colours turned to grey."],
      ["colour", "tinted.png", "is 16 × 16, colour takes 8 × 8: made 8 × 8."],
      ["grey", "tinted.png", "is 16 × 16, grey takes 8 × 8: made 8 × 8."],
      ["grey", "many.npy", "is 16 × 8, grey takes 8 × 8: the middle 8 × 8 taken, 50 % cut off."],
      [
        "grey",
        "poppy.png",
        "is 40 × 60 in colour, grey takes 8 × 8 in grey: made 8 × 12; the middle 8 × 8 taken, 33 % cut off; " +
          "its colours turned to grey.",
      ],
    ])
      expect(
        (await said(at(model), image)).filter((line) => !line.includes("seems to want")),
        `${model}, ${image}`,
      ).to.deep.equal(words.map((each) => `vitrine: note: ${image} ${each}`));
  });

  it("a garment network warns of what is no garment of its kind", async () => {
    expect(await said("fashion-deep", "garment.png")).to.deep.equal([]);
    const rest =
      "; fashion-deep saw grey garments, bright on black, of 28 × 28 and nothing else: what it says means little. " +
      "For photographs there is squeezenet1_1.";
    expect(await said("fashion-deep", "white.png")).to.deep.equal([
      `vitrine: warning: white.png has a bright background${rest}`,
    ]);
    expect(await said("fashion-deep", "poppy.png")).to.deep.equal([
      "vitrine: note: poppy.png is 40 × 60 in colour, fashion-deep takes 28 × 28 in grey: made 28 × 42; the middle " +
        "28 × 28 taken, 33 % cut off; its colours turned to grey.",
      `vitrine: warning: poppy.png is in colour${rest}`,
    ]);
  });

  it("of many images only the first of each kind is told", async () => {
    const { status, stderr } = await vitrineHere(
      ...["explain", "--model", "fashion-deep", "--method", "saliency", "--into", at("maps")],
      ...[at("poppy.png"), at("white.png"), at("tiny.png"), at("garment.png")],
    );
    expect(status, stderr).to.equal(0);
    expect(stderr.match(/note: .*\(said of the first such image only\)/g)).to.have.length(1);
    expect(stderr.match(/warning: .*\(said of the first such image only\)/g)).to.have.length(1);
  });
});
