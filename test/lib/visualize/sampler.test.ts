import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { inputGradient } from "../../../lib/backend/input-gradient";
import { random } from "../../../lib/core/random";
import {
  afterwards,
  identity,
  type Affine,
  bilinearTaps,
  sampled,
  type Outside,
  jitter,
  pad,
  rotate,
  scale,
} from "../../../lib/visualize/transforms";
import { blurMatrix, blurred } from "../../../lib/core/gaussian-blur";
import { rearranged, rollOf } from "../../../lib/visualize/recipe-step";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";
import { finiteDifference, keptDifferences, relativeError } from "../../helpers/finite-difference";

const height = 5,
  width = 6;
type Picture = number[][];
const pictureOf = (seed: number, h = height, w = width): Picture => {
  const chance = random(seed);
  return Array.from({ length: h }, () => Array.from({ length: w }, () => chance.uniform()));
};
const tensorOf = (pictures: Picture[]): tf.Tensor4D => tf.tidy(() => tf.tensor(pictures).expandDims(-1) as tf.Tensor4D);

/** The value at any place, by the definition: the four pixels around, weighted by how near they are. */
function valueAt(picture: Picture, y: number, x: number, outside: Outside): number {
  const [h, w] = [picture.length, picture[0].length];
  const pixel = (row: number, column: number): number => {
    const inside = (index: number, size: number): number => {
      if (outside === "wrap") {
        while (index < 0) index += size;
        return index % size;
      }
      if (outside === "edge") return Math.max(0, Math.min(size - 1, index));
      if (outside === "mirror") {
        while (index < 0 || index >= size) index = index < 0 ? -1 - index : 2 * size - 1 - index;
        return index;
      }
      return index;
    };
    return picture[inside(row, h)]?.[inside(column, w)] ?? (outside as number);
  };
  let sum = 0;
  for (const row of [Math.floor(y), Math.floor(y) + 1])
    for (const column of [Math.floor(x), Math.floor(x) + 1]) {
      const weight = Math.max(0, 1 - Math.abs(y - row)) * Math.max(0, 1 - Math.abs(x - column));
      if (weight > 0) sum += weight * pixel(row, column);
    }
  return sum;
}

function slow(picture: Picture, { a, b, c, d, dx, dy }: Affine, outside: Outside): Picture {
  const middle = [(picture.length - 1) / 2, (picture[0].length - 1) / 2];
  return picture.map((line, row) =>
    line.map((_, column) => {
      const x = column - middle[1],
        y = row - middle[0];
      return valueAt(picture, c * x + d * y + dy + middle[0], a * x + b * y + dx + middle[1], outside);
    }),
  );
}

const turned = (degrees: number): Affine => rotate(degrees, degrees).draw(random(1), [height, width]);
const maps: [string, Affine][] = [
  ["a shift by whole pixels", { ...identity, dx: 2, dy: -1 }],
  ["a shift by parts of pixels", { ...identity, dx: 0.3, dy: -1.6 }],
  ["a rotation by 17 degrees", turned(17)],
  [
    "a scale of 1.3 after a rotation by −40 degrees",
    afterwards(turned(-40), scale(1.3, 1.3).draw(random(1), [height, width])),
  ],
  ["a shift by twice the image", { ...identity, dx: 13.25, dy: 9.5 }],
];

const differences = keptDifferences();

forEachBackend(
  (backend) => {
    describe("sampler", () => {
      for (const [name, affine] of maps)
        for (const outside of ["wrap", "edge", "mirror", 0.25] as const) {
          it(`${name}, beyond the edges ${outside}: as the definition, and its gradient as finite differences`, () => {
            const pictures = [pictureOf(1), pictureOf(2)],
              images = tensorOf(pictures),
              taps = bilinearTaps(affine, [height, width], outside);
            const result = sampled(images, taps);
            expect(
              relativeError(result.dataSync(), pictures.flatMap((picture) => slow(picture, affine, outside)).flat()),
            ).to.be.below(1e-5);
            const weights = tf.randomUniform(result.shape, -1, 1, "float32", 4);
            const score = (x: tf.Tensor): tf.Tensor => tf.sum(tf.mul(sampled(x as tf.Tensor4D, taps), weights));
            const gradient = inputGradient(score, images);
            expect(
              relativeError(
                gradient.dataSync(),
                differences(`${name} ${outside}`, () => finiteDifference(score, images)),
              ),
            ).to.be.below(3e-3);
            tf.dispose([images, result, weights, gradient, ...taps.sources, ...taps.weights, taps.fill]);
          });
        }
      if (backend !== "tensorflow") return;

      it("needs one tap for whole pixels, four else", () => {
        tf.tidy(() => {
          expect(bilinearTaps(maps[0][1], [height, width], "wrap").sources).to.have.length(1);
          expect(bilinearTaps(turned(180), [height, width], 0).sources).to.have.length(1);
          expect(bilinearTaps(maps[1][1], [height, width], "wrap").sources).to.have.length(4);
        });
      });

      it("a rotation by 90 degrees is counterclockwise, a scale of 2 magnifies, both about the middle", () => {
        tf.tidy(() => {
          const picture = [
              [1, 2, 3],
              [4, 5, 6],
              [7, 8, 9],
            ],
            images = tensorOf([picture]);
          const made = (affine: Affine, outside: Outside = "edge"): number[][] =>
            sampled(images, bilinearTaps(affine, [3, 3], outside))
              .squeeze([0, 3])
              .arraySync() as number[][];
          expect(made(turned(90))).to.deep.equal([
            [3, 6, 9],
            [2, 5, 8],
            [1, 4, 7],
          ]);
          expect(made(scale(2, 2).draw(random(1), [3, 3]))).to.deep.equal([
            [3, 3.5, 4],
            [4.5, 5, 5.5],
            [6, 6.5, 7],
          ]);
          // The first transform is done first: shifted, then turned.
          expect(made(afterwards({ ...identity, dx: 1 }, turned(90)), 0)).to.deep.equal([
            [0, 0, 0],
            [3, 6, 9],
            [2, 5, 8],
          ]);
          expect(made(afterwards(turned(90), { ...identity, dx: 1 }), 0)).to.deep.equal([
            [6, 9, 0],
            [5, 8, 0],
            [4, 7, 0],
          ]);
        });
      });

      it("a frame shrinks the image and shows its fill", () => {
        tf.tidy(() => {
          const images = tf.ones([1, 8, 8, 1]) as tf.Tensor4D,
            frame = pad(4, 0.25);
          const made = sampled(images, bilinearTaps(frame.draw(random(1), [8, 8]), [8, 8], frame.outside!))
            .squeeze()
            .arraySync() as number[][];
          expect(made[0]).to.deep.equal(new Array(8).fill(0.25));
          expect(made[4].slice(2, 6)).to.deep.equal([1, 1, 1, 1]);
          expect(made[4][0]).to.equal(0.25);
        });
      });

      it("jitter draws whole pixels in all directions, up to half of its width", () => {
        const chance = random(3),
          draws = Array.from({ length: 400 }, () => jitter(4).draw(chance, [height, width]));
        for (const shift of ["dx", "dy"] as const)
          expect([...new Set(draws.map((affine) => affine[shift]))].sort((a, b) => a - b)).to.deep.equal([
            -2, -1, 0, 1, 2,
          ]);
      });
    });

    describe("roll and blur", () => {
      it("rolls as the definition, and back", () => {
        tf.tidy(() => {
          const picture = pictureOf(3),
            images = tensorOf([picture]);
          const rolled = rearranged(images, ...rollOf([height, width], [2, -4]));
          const wanted = picture.map((line, y) =>
            line.map((_, x) => picture[(y - 2 + height) % height][(x + 4) % width]),
          );
          expect(rolled.dataSync()).to.deep.equal(Float32Array.from(wanted.flat()));
          expect(rearranged(rolled, ...rollOf([height, width], [-2, 4])).dataSync()).to.deep.equal(images.dataSync());
        });
      });

      for (const sigma of [0.5, 1.7, 4]) {
        it(`blurs with σ ${sigma} as the sum over mirrored neighbours`, () => {
          tf.tidy(() => {
            const picture = pictureOf(4),
              images = tensorOf([picture]),
              radius = Math.floor(4 * sigma + 0.5);
            const weight = (k: number): number => Math.exp((-k * k) / (2 * sigma * sigma));
            let total = 0;
            for (let k = -radius; k <= radius; k++) total += weight(k);
            const along = (line: number[]): number[] =>
              line.map((_, i) => {
                let sum = 0;
                for (let k = -radius; k <= radius; k++) sum += weight(k) * valueAt([line], 0, i + k, "mirror");
                return sum / total;
              });
            const transpose = (rows: Picture): Picture => rows[0].map((_, i) => rows.map((row) => row[i]));
            const wanted = transpose(transpose(picture.map(along)).map(along));
            expect(
              relativeError(
                blurred(images, blurMatrix(height, sigma), blurMatrix(width, sigma)).dataSync(),
                wanted.flat(),
              ),
            ).to.be.below(1e-5);
          });
        });
      }
    });
    // wasm first, where the differences of so few numbers take less time.
  },
  ["wasm", "tensorflow", "cpu"],
);

describe("transforms refuse bad input in one line", () => {
  const cases: [string, () => unknown, RegExp][] = [
    ["half a pixel of jitter", () => jitter(0.5), /^pixels is 0\.5; allowed: an integer ≥ 0/],
    ["a scale of 0", () => scale(0, 1), /^scale is \[0, 1\]; allowed: two factors above 0, the smaller first/],
    ["angles the wrong way round", () => rotate(5, -5), /^rotate is \[5, -5\]; allowed: two angles/],
    [
      "an unknown fill",
      () => pad(3, "black" as never),
      /^fill is "black"; allowed: a pixel value, "wrap", "edge" or "mirror"/,
    ],
  ];
  for (const [name, work, message] of cases) {
    it(name, async () => {
      expect(await tensorsLeft(() => expect(work).to.throw(message))).to.equal(0);
    });
  }
});
