import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "../../../lib/backend";
import { checkImages, type ImageDemands } from "../../../lib/model/checks";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";
import { messageOf } from "./tiny-models";

const grey: ImageDemands = { name: "grey", inputShape: [4, 6, 1], bounds: [0, 1] };
const colour: ImageDemands = { name: "colour", inputShape: [4, 6, 3], bounds: [0, 1] };
const filled = (shape: number[], value = 0.5): tf.Tensor4D => tf.fill(shape as [number, number, number, number], value);

describe("checkImages", () => {
  before(async () => {
    await ready();
  });

  it("makes a batch of one image, and passes a batch on, owned by the caller", async () => {
    const one = filled([4, 6, 1]) as unknown as tf.Tensor3D,
      two = filled([2, 4, 6, 1]);
    const checked = [await checkImages(one, grey), await checkImages(two, grey)];
    expect(checked.map((images) => images.shape)).to.deep.equal([
      [1, 4, 6, 1],
      [2, 4, 6, 1],
    ]);
    tf.dispose(checked);
    expect([one.isDisposed, two.isDisposed]).to.deep.equal([false, false]);
    tf.dispose([one, two]);
  });

  const wrong: Array<[string, () => tf.Tensor, ImageDemands, RegExp]> = [
    [
      "another size",
      () => filled([1, 5, 5, 1]),
      grey,
      /\[1, 5, 5, 1\].*\[batch, 4, 6, 1\] for grey.*resizeBilinear\(images, \[4, 6\]\)/,
    ],
    ["no channel dimension", () => filled([4, 6]), grey, /\[4, 6\].*expandDims\(images, -1\)/],
    ["a batch without channels", () => filled([7, 4, 6]), grey, /\[7, 4, 6\].*channel dimension is missing/],
    ["channels first, one image", () => filled([3, 4, 6]), colour, /transpose\(images, \[1, 2, 0\]\)/],
    ["channels first, a batch", () => filled([2, 3, 4, 6]), colour, /transpose\(images, \[0, 2, 3, 1\]\)/],
    ["grey instead of colour", () => filled([2, 4, 6, 1]), colour, /grey.*tf\.tile/],
    ["colour instead of grey", () => filled([4, 6, 3]), grey, /in colour.*tf\.mean/],
    ["transparency", () => filled([4, 6, 4]), colour, /transparency/],
    ["a batch of batches", () => filled([1, 1, 4, 6, 3]), colour, /One dimension too many/],
    ["an empty batch", () => filled([0, 4, 6, 1]), grey, /\[0, 4, 6, 1\].*at least one image/],
    ["integers", () => tf.fill([4, 6, 1], 200, "int32"), grey, /int32.*float32 in \[0, 1\].*toFloat\(\)\.div\(255\)/],
    ["0 to 255", () => filled([4, 6, 1], 255), grey, /255 to 255.*\[0, 1\].*div\(255\)/],
    ["-1 to 1", () => tf.linspace(-1, 1, 24).reshape([4, 6, 1]), grey, /-1 to 1.*add\(1\)\.div\(2\)/],
    ["mean subtracted", () => tf.linspace(-2.1, 2.6, 24).reshape([4, 6, 1]), grey, /mean or std/],
    ["a little too bright", () => filled([4, 6, 1], 1.01), grey, /1\.01 to 1\.01.*clipByValue\(0, 1\)/],
    [
      "one NaN among many",
      () =>
        tf.tensor3d(
          Array.from({ length: 24 }, (_, i) => (i === 17 ? NaN : 0.1)),
          [4, 6, 1],
        ),
      grey,
      /value of images is .*NaN.*\[0, 1\]/,
    ],
    [
      "infinity",
      () =>
        tf.tensor3d(
          Array.from({ length: 24 }, (_, i) => (i === 3 ? Infinity : 0.1)),
          [4, 6, 1],
        ),
      grey,
      /infinite/,
    ],
  ];
  forEachBackend(() => {
    for (const [title, make, demands, message] of wrong) {
      it(`refuses ${title}, leaving nothing`, async () => {
        expect(
          await tensorsLeft(async () => {
            const images = tf.tidy(make);
            expect(await messageOf(() => checkImages(images as tf.Tensor4D, demands)))
              .to.match(message)
              .and.not.contain("\n");
            images.dispose();
          }),
        ).to.equal(0);
      });
    }

    it("lets rounding pass", async () => {
      const images = filled([4, 6, 1], 1 + 1e-6);
      (await checkImages(images, grey)).dispose();
    });
  });

  it("refuses what is no tensor, or none any more", async () => {
    expect(await messageOf(() => checkImages([[0.5]] as never, grey))).to.match(/allowed: a tensor/);
    const images = filled([4, 6, 1]);
    images.dispose();
    expect(await messageOf(() => checkImages(images, grey, "baseline"))).to.match(/^baseline is "a disposed tensor"/);
  });
});
