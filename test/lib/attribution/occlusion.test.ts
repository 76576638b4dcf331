import { expect } from "chai";
import { occludedInputXGradient } from "../../../lib/attribution/occluded-input-x-gradient";
import { occlusion, type OcclusionOptions } from "../../../lib/attribution/occlusion";
import { forEachBackend } from "../../helpers/backends";
import { relativeError } from "../../helpers/finite-difference";
import { tinyImages, tinyModel, tinyPixelsOf, tinyWeights } from "../../helpers/tiny-model";
import { eachImage, joined, oracleGradient, oracleLogits } from "../../helpers/tiny-oracle";

const relu = tinyWeights("relu");
const pixels = tinyPixelsOf(3),
  baselinePixels = tinyPixelsOf(3, 99);
const target = [3, 0, 2];

/** By loops over windows and pixels: the mean, over the windows that cover a value, of the fall of the logit. */
function oracle(
  [wh, ww, wc]: number[],
  [sh, sw, sc]: number[],
  baseline: (i: number, at: number) => number,
): Float64Array {
  return joined(
    eachImage(pixels).map((image, i) => {
      const falls = new Float64Array(60),
        covered = new Float64Array(60);
      const whole = oracleLogits(relu, image)[target[i]];
      for (let top = 0; top === 0 || top - sh + wh < 6; top += sh) {
        for (let left = 0; left === 0 || left - sw + ww < 5; left += sw) {
          for (let front = 0; front === 0 || front - sc + wc < 2; front += sc) {
            const inside: number[] = [];
            for (let y = top; y < Math.min(top + wh, 6); y++)
              for (let x = left; x < Math.min(left + ww, 5); x++)
                for (let c = front; c < Math.min(front + wc, 2); c++) inside.push((y * 5 + x) * 2 + c);
            const occluded = Float64Array.from(image);
            for (const at of inside) occluded[at] = baseline(i, at);
            const fall = whole - oracleLogits(relu, occluded)[target[i]];
            for (const at of inside) {
              falls[at] += fall;
              covered[at]++;
            }
          }
        }
      }
      return falls.map((fall, at) => fall / covered[at]);
    }),
  );
}

async function run(options: OcclusionOptions): Promise<Float32Array> {
  const images = tinyImages(pixels);
  const result = await occlusion(tinyModel(relu), images, { target, ...options });
  const values = result.values.dataSync() as Float32Array;
  result.dispose();
  images.dispose();
  return values;
}

const cases: [string, Pick<OcclusionOptions, "window" | "stride">, number[], number[]][] = [
  ["single pixels, all channels", { window: 1, stride: 1 }, [1, 1, 2], [1, 1, 1]],
  ["windows that tile, the last column cut off", { window: 2, stride: 2 }, [2, 2, 2], [2, 2, 2]],
  ["overlapping windows, averaged", { window: 3, stride: 2 }, [3, 3, 2], [2, 2, 2]],
  ["overlapping windows, cut off on both sides", { window: [4, 3], stride: [3, 2] }, [4, 3, 2], [3, 2, 2]],
  ["one channel at a time", { window: [2, 3, 1], stride: [1, 2, 1] }, [2, 3, 1], [1, 2, 1]],
  [
    "a window over the whole height, where the stride does not matter",
    { window: [6, 2], stride: [9, 1] },
    [6, 2, 2],
    [9, 1, 2],
  ],
  ["the whole image", { window: [6, 5], stride: 7 }, [6, 5, 2], [7, 7, 7]],
];

forEachBackend(() => {
  describe("occlusion", () => {
    for (const [name, options, window, stride] of cases) {
      it(`is the mean fall of the logit, by loops: ${name}`, async () => {
        expect(
          relativeError(
            await run(options),
            oracle(window, stride, () => 0),
          ),
        ).to.be.below(1e-5);
      });
    }
    it("fills the window with a number, an image, or one image for each", async () => {
      const all = tinyImages(baselinePixels),
        one = tinyImages(baselinePixels.slice(0, 60));
      const window = 3,
        stride = 2,
        full = [3, 3, 2],
        steps = [2, 2, 2];
      expect(
        relativeError(
          await run({ window, stride, baseline: 0.5 }),
          oracle(full, steps, () => 0.5),
        ),
      ).to.be.below(1e-5);
      expect(
        relativeError(
          await run({ window, stride, baseline: one }),
          oracle(full, steps, (_, at) => baselinePixels[at]),
        ),
      ).to.be.below(1e-5);
      expect(
        relativeError(
          await run({ window, stride, baseline: all }),
          oracle(full, steps, (i, at) => baselinePixels[i * 60 + at]),
        ),
      ).to.be.below(1e-5);
      all.dispose();
      one.dispose();
    });
  });
});

forEachBackend(() => {
  describe("occluded input × gradient", () => {
    it("is the product of both maps, each divided by its largest, by loops", async () => {
      const falls = oracle([3, 3, 2], [2, 2, 2], () => 0.2);
      const wanted = joined(
        eachImage(pixels).map((image, i) => {
          const fall = falls.subarray(60 * i, 60 * (i + 1)),
            gradient = oracleGradient(relu, image, target[i]);
          const sensitive = gradient.map((slope, at) => image[at] * Math.abs(slope));
          const [most, largest] = [Math.max(...fall.map(Math.abs)), Math.max(...sensitive)];
          return fall.map((value, at) => (value / most) * (sensitive[at] / largest));
        }),
      );
      const images = tinyImages(pixels);
      const result = await occludedInputXGradient(tinyModel(relu), images, {
        target,
        window: 3,
        stride: 2,
        baseline: 0.2,
      });
      expect(relativeError(result.values.dataSync(), wanted)).to.be.below(1e-5);
      images.dispose();
      result.dispose();
    });
    it("is 0 for a black image and not NaN", async () => {
      const images = tinyImages(new Float32Array(60));
      const result = await occludedInputXGradient(tinyModel(relu), images, { target: 1, window: 2, stride: 2 });
      expect(Math.max(...result.values.dataSync().map(Math.abs))).to.equal(0);
      images.dispose();
      result.dispose();
    });
  });
});

describe("occlusion, bad windows", () => {
  const refused = async (options: Partial<OcclusionOptions> | undefined, message: RegExp): Promise<void> => {
    const error = await run(options as OcclusionOptions).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    expect(error?.message).to.match(message);
    expect(error?.name).to.equal("BadInputError");
  };

  it("larger than the image", () =>
    refused({ window: 7, stride: 1 }, /^window is 7; allowed: .* each from 1 to the image's \[6, 5, 2\]\.$/));
  it("wider than the image", () => refused({ window: [6, 6], stride: 1 }, /^window is \[6, 6\]/));
  it("more channels than the image", () => refused({ window: [6, 5, 3], stride: 1 }, /^window is \[6, 5, 3\]/));
  it("no size", () => refused({ window: 0, stride: 1 }, /^window is 0/));
  it("not whole pixels", () => refused({ window: 1.5, stride: 1 }, /^window is 1\.5/));
  it("missing", () => refused({ stride: 1 }, /^window is undefined/));
  it("stride 0", () => refused({ window: 2, stride: 0 }, /^stride is 0; allowed: an integer ≥ 1/));
  it("negative stride", () => refused({ window: 2, stride: [1, -1] }, /^stride is \[1, -1\]/));
  it("stride missing", () => refused({ window: 2 }, /^stride is undefined/));
  it("stride larger than the window", () =>
    refused(
      { window: 2, stride: 3 },
      /^stride is 3; allowed: at most the window's height, 2\. A larger one leaves values that no window covers\.$/,
    ));
  it("stride larger than the window in channels", () =>
    refused({ window: [3, 3, 1], stride: 2 }, /^stride is 2; allowed: at most the window's channels, 1/));
});
