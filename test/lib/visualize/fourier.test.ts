import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { withTensors } from "../../../lib/core/tensors";
import { inputGradient } from "../../../lib/backend/input-gradient";
import type { VisionModel } from "../../../lib/model/vision-model";
import { random } from "../../../lib/core/random";
import { forwardDft, forwardMatrices, inverseDft, inverseMatrices } from "../../../lib/visualize/dft";
import { fourier } from "../../../lib/visualize/fourier";
import { pixels } from "../../../lib/visualize/parametrization";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";
import { finiteDifference, relativeError } from "../../helpers/finite-difference";

const sizes: [number, number][] = [
  [4, 6],
  [5, 7],
  [6, 5],
  [3, 8],
];
const values = (count: number, seed: number): Float32Array => {
  const chance = random(seed);
  return Float32Array.from({ length: count }, () => chance.normal());
};

/**
 * One channel: the sum over all frequencies by the definition, with the half of the spectrum that is not stored put in.
 */
function slowInverse(
  re: (y: number, x: number) => number,
  im: (y: number, x: number) => number,
  height: number,
  width: number,
): number[] {
  const half = Math.floor(width / 2) + 1,
    image: number[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let v = 0; v < height; v++)
        for (let u = 0; u < width; u++) {
          const stored = u < half;
          const [row, column, sign] = stored ? [v, u, 1] : [(height - v) % height, width - u, -1];
          const angle = 2 * Math.PI * ((v * y) / height + (u * x) / width);
          sum += re(row, column) * Math.cos(angle) - sign * im(row, column) * Math.sin(angle);
        }
      image.push(sum / (height * width));
    }
  return image;
}

forEachBackend(() => {
  describe("DFT by matrices", () => {
    for (const [height, width] of sizes) {
      const half = Math.floor(width / 2) + 1;
      it(`${height} by ${width}: forward is the definition's sum`, () =>
        tf.tidy(() => {
          const image = values(2 * height * width * 3, 5),
            images = tf.tensor4d(image, [2, height, width, 3]);
          const spectrum = forwardDft(images, forwardMatrices(height, width)).dataSync();
          const wanted = new Float64Array(spectrum.length);
          for (let n = 0; n < 2; n++)
            for (let c = 0; c < 3; c++)
              for (let v = 0; v < height; v++)
                for (let u = 0; u < half; u++) {
                  let re = 0,
                    im = 0;
                  for (let y = 0; y < height; y++)
                    for (let x = 0; x < width; x++) {
                      const angle = -2 * Math.PI * ((v * y) / height + (u * x) / width),
                        value = image[((n * height + y) * width + x) * 3 + c];
                      re += value * Math.cos(angle);
                      im += value * Math.sin(angle);
                    }
                  wanted[((n * 2 * height + v) * half + u) * 3 + c] = re;
                  wanted[((n * 2 * height + height + v) * half + u) * 3 + c] = im;
                }
          expect(relativeError(spectrum, wanted)).to.be.below(1e-5);
        }));

      it(`${height} by ${width}: backward is the definition's sum, and undoes forward`, () =>
        tf.tidy(() => {
          const images = tf.tensor4d(values(2 * height * width * 3, 6), [2, height, width, 3]);
          // A spectrum of an image: an arbitrary one has imaginary parts where a real image has none.
          const spectrum = forwardDft(images, forwardMatrices(height, width)),
            at = spectrum.dataSync();
          const back = inverseDft(spectrum, inverseMatrices(height, width)).dataSync();
          expect(relativeError(back, images.dataSync())).to.be.below(1e-5);
          const part =
            (imaginary: 0 | 1) =>
            (y: number, x: number): number =>
              at[((2 * height + imaginary * height + y) * half + x) * 3 + 1];
          const slow = slowInverse(part(0), part(1), height, width);
          expect(
            relativeError(
              back.filter((_, i) => i >= height * width * 3 && i % 3 === 1),
              slow,
            ),
          ).to.be.below(1e-5);
        }));
    }
  });

  describe("Fourier images", () => {
    const model = (channels: number, bounds: [number, number] = [0, 1]) =>
      ({ name: "none", inputShape: [6, 5, channels], bounds }) as unknown as VisionModel;

    it("are the sigmoid of scaled frequencies and mixed colours, by the definition", () =>
      withTensors(async (own) => {
        const made = fourier({ decay: 1 }).prepare(model(3, [-1, 1]), own);
        const images = own(tf.tidy(() => made.images(tf.mul(made.start(1, 3), 20))));
        const spectrum = Array.from(own(tf.mul(made.start(1, 3), 20)).dataSync()),
          half = 3;
        const planes = [0, 1, 2].map((c) => {
          const scaled =
            (imaginary: number) =>
            (y: number, x: number): number => {
              const frequency = Math.max(Math.hypot(Math.min(y, 6 - y) / 6, x / 5), 1 / 6);
              return (spectrum[((imaginary * 6 + y) * half + x) * 3 + c] * Math.sqrt(30)) / frequency / 4;
            };
          // As irfft does: where a real image has no imaginary part, none is read.
          const re = scaled(0),
            im = scaled(1);
          const column0 = (y: number): [number, number] => [
            (re(y, 0) + re((6 - y) % 6, 0)) / 2,
            (im(y, 0) - im((6 - y) % 6, 0)) / 2,
          ];
          return slowInverse(
            (y, x) => (x === 0 ? column0(y)[0] : re(y, x)),
            (y, x) => (x === 0 ? column0(y)[1] : im(y, x)),
            6,
            5,
          );
        });
        const root = [
            [0.26, 0.09, 0.02],
            [0.27, 0, -0.05],
            [0.27, -0.09, 0.03],
          ],
          longest = Math.hypot(0.26, 0.27, 0.27);
        const wanted = planes[0].flatMap((_, i) =>
          root.map(
            (row) => 2 / (1 + Math.exp(-row.reduce((sum, value, c) => sum + (value / longest) * planes[c][i], 0))) - 1,
          ),
        );
        expect(relativeError(images.dataSync(), wanted)).to.be.below(1e-5);
      }));

    it("have the gradient of finite differences", () =>
      withTensors(async (own) => {
        for (const channels of [1, 3]) {
          const made = fourier().prepare(model(channels), own),
            start = own(tf.mul(made.start(1, 4), 10)) as tf.Tensor4D;
          const weights = own(tf.randomUniform([1, 6, 5, channels], -1, 1, "float32", 2));
          const score = (x: tf.Tensor): tf.Tensor => tf.sum(tf.mul(made.images(x as tf.Tensor4D), weights));
          expect(
            relativeError(own(inputGradient(score, start)).dataSync(), finiteDifference(score, start, 1e-3)),
          ).to.be.below(1e-2);
        }
      }));

    it("begin with a given image, and with nearly grey noise, another for each image and seed", () =>
      withTensors(async (own) => {
        for (const parametrization of [fourier(), pixels()]) {
          const made = parametrization.prepare(model(3), own),
            given = own(tf.randomUniform([2, 6, 5, 3], 0.05, 0.95, "float32", 8)) as tf.Tensor4D;
          const again = own(tf.tidy(() => made.images(made.of(given))));
          expect(relativeError(again.dataSync(), given.dataSync()), parametrization.name).to.be.below(1e-4);
          const start = own(tf.tidy(() => made.images(made.start(2, 1)))).dataSync(),
            other = own(tf.tidy(() => made.images(made.start(2, 2)))).dataSync();
          for (const value of start) expect(value).to.be.within(0.2, 0.8);
          expect(start.slice(0, 90)).to.not.deep.equal(start.slice(90));
          expect(start.slice(0, 90)).to.not.deep.equal(other.slice(0, 90));
          expect(
            relativeError(own(tf.tidy(() => made.images(made.start(1, 1)))).dataSync(), start.slice(0, 90)),
          ).to.be.below(1e-6);
        }
      }));
  });
});

describe("Fourier images refuse bad input", () => {
  it("in one line, leaving nothing behind", async () => {
    expect(() => fourier({ decay: -1 })).to.throw(/^decay is -1; allowed: a number ≥ 0/);
    expect(() => fourier({ decorrelate: 1 as never })).to.throw(/^decorrelate is 1/);
    const grey = { name: "none", inputShape: [6, 5, 1], bounds: [0, 1] } as unknown as VisionModel;
    expect(
      await tensorsLeft(() =>
        withTensors(async (own) => fourier({ decorrelate: true }).prepare(grey, own)).then(
          () => {
            throw new Error("accepted");
          },
          (error: Error) => expect(error.message).to.match(/^decorrelate is true; allowed: false for 1 channels/),
        ),
      ),
    ).to.equal(0);
  });
});
