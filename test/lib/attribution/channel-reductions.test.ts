import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { channelReductions } from "../../../lib/core/tensors";
import { BadInputError } from "../../../lib/core/errors";
import { random } from "../../../lib/core/random";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";
import { relativeError } from "../../helpers/finite-difference";

const oracles: Record<keyof typeof channelReductions, (pixel: number[]) => number> = {
  maxAbs: (pixel) => Math.max(...pixel.map(Math.abs)),
  sumAbs: (pixel) => pixel.reduce((sum, value) => sum + Math.abs(value), 0),
  meanAbs: (pixel) => pixel.reduce((sum, value) => sum + Math.abs(value), 0) / pixel.length,
  l2Norm: (pixel) => Math.hypot(...pixel),
  signedSum: (pixel) => pixel.reduce((sum, value) => sum + value, 0),
  signedMean: (pixel) => pixel.reduce((sum, value) => sum + value, 0) / pixel.length,
  strongest: (pixel) => [...pixel].sort((a, b) => Math.abs(b) - Math.abs(a))[0],
};

forEachBackend(() => {
  describe("channel reductions", () => {
    for (const [name, reduce] of Object.entries(channelReductions)) {
      for (const channels of [1, 3]) {
        it(`${name} of ${channels} ${channels === 1 ? "channel" : "channels"}`, async () => {
          const source = random(channels);
          const values = Array.from({ length: 2 * 3 * 4 }, () =>
            Array.from({ length: channels }, () => Math.fround(source.normal())),
          );
          const tensor = tf.tensor4d(values.flat(), [2, 3, 4, channels]);
          expect(
            await tensorsLeft(() => {
              const made = reduce(tensor);
              expect(made.shape).to.deep.equal([2, 3, 4, 1]);
              expect(relativeError(made.dataSync(), values.map(oracles[name as keyof typeof oracles]))).to.be.below(
                1e-6,
              );
              made.dispose();
            }),
          ).to.equal(0);
          tensor.dispose();
        });
      }
    }
  });
});

forEachBackend(() => {
  it("reductions of nothing, of what cancels, and of gradients too small and too large to be squared", () => {
    const pixels = [
      [0, 0, 0],
      [3, -3, 0],
      [3e-30, -4e-30, 0],
      [3e30, 4e30, 0],
    ];
    const wanted: Record<string, number[]> = {
      maxAbs: [0, 3, 4e-30, 4e30],
      sumAbs: [0, 6, 7e-30, 7e30],
      meanAbs: [0, 2, 7e-30 / 3, 7e30 / 3],
      l2Norm: [0, Math.sqrt(18), 5e-30, 5e30],
      signedSum: [0, 0, -1e-30, 7e30],
      signedMean: [0, 0, -1e-30 / 3, 7e30 / 3],
      strongest: [0, 3, -4e-30, 4e30],
    };
    for (const [name, reduce] of Object.entries(channelReductions)) {
      const made = tf.tidy(() => reduce(tf.tensor4d(pixels.flat(), [1, 2, 2, 3])).dataSync());
      wanted[name].forEach((value, i) =>
        expect(made[i], `${name} of ${pixels[i].join(", ")}`).to.be.closeTo(value, 1e-5 * Math.abs(value)),
      );
    }
  });
});

describe("channel reductions, edges", () => {
  it("strongest keeps the sign, and of equals takes the positive one", () => {
    const made = channelReductions.strongest(tf.tensor4d([1, -4, 2, -3, 3, 0], [1, 1, 2, 3]));
    expect([...made.dataSync()]).to.deep.equal([-4, 3]);
  });
  it("refuse what is no batch of maps, by name", () => {
    for (const [given, message] of [
      [
        { values: 1 },
        /^values is \{"values":1\}; allowed: a tensor \[batch, height, width, channels\]\. Of an attribution, take its values\./,
      ],
      [tf.zeros([2, 3]), /^values is \[2, 3\]/],
    ] as const) {
      expect(() => channelReductions.maxAbs(given as tf.Tensor4D)).to.throw(BadInputError, message);
    }
  });
});
