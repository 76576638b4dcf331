import { expect } from "chai";
import { copyAugmented, type AugmentOptions, cropped, jitterColours } from "../../../lib/training/augment";
import { cholesky } from "../../../lib/training/train-decoder";
import { cosineSchedule } from "../../../lib/training/train";
import { random } from "../../../lib/core/random";

describe("augmentation", () => {
  const picture = Float32Array.from([1, 2, 3, 4, 5, 6]),
    shape = [2, 3, 1] as const;
  const variants = (options: { flip?: boolean; shift?: number }): Set<string> => {
    const chance = random(1),
      seen = new Set<string>();
    for (let i = 0; i < 400; i++) {
      const copy = new Float32Array(8).fill(9);
      copyAugmented(picture, 0, copy, 1, shape, options, chance);
      expect([copy[0], copy[7]]).to.deep.equal([9, 9]);
      seen.add(copy.subarray(1, 7).join(" "));
    }
    return seen;
  };

  it("copies as it is without options", () => expect([...variants({})]).to.deep.equal(["1 2 3 4 5 6"]));
  it("mirrors left to right", () =>
    expect([...variants({ flip: true })].sort()).to.deep.equal(["1 2 3 4 5 6", "3 2 1 6 5 4"]));
  it("moves by up to `shift` pixels each way and fills with 0", () => {
    const seen = variants({ shift: 1 });
    expect(seen.size).to.equal(9);
    expect(seen).to.include("5 6 0 0 0 0").and.to.include("0 0 0 0 1 2").and.to.include("0 1 2 0 4 5");
  });

  it("enlarges a part of a picture: a plane stays the plane that it is, between the part's edges", () => {
    const height = 9,
      width = 7,
      plane = (y: number, x: number, c: number): number => 0.1 + 0.03 * y + 0.05 * x + 0.2 * c;
    const whole = Float32Array.from({ length: height * width * 2 }, (_, i) =>
      plane(Math.floor(i / 2 / width), Math.floor(i / 2) % width, i % 2),
    );
    for (const [share, top, left] of [
      [1, 0.3, 0.6],
      [0.5, 0, 0],
      [0.5, 1, 1],
      [0.7, 0.25, 0.9],
    ]) {
      const part = cropped(whole, [height, width, 2], share, top, left);
      const within = (at: number, most: number): number => Math.min(most, Math.max(0, at));
      part.forEach((value, i) => {
        const y = Math.floor(i / 2 / width),
          x = Math.floor(i / 2) % width;
        // The centre of pixel (y, x) of the result, measured in the whole picture.
        const fromY = (1 - share) * height * top + (y + 0.5) * share - 0.5,
          fromX = (1 - share) * width * left + (x + 0.5) * share - 0.5;
        expect(value).to.be.closeTo(plane(within(fromY, height - 1), within(fromX, width - 1), i % 2), 1e-6);
      });
    }
  });

  /** What `copyAugmented` makes of a horizontal ramp from 0 to 1 over 101 columns. */
  const ramps = (options: AugmentOptions): Float32Array[] => {
    const ramp = Float32Array.from({ length: 202 }, (_, i) => (i % 101) / 100),
      chance = random(3);
    return Array.from({ length: 300 }, () => {
      const copy = new Float32Array(202);
      copyAugmented(ramp, 0, copy, 0, [2, 101, 1], options, chance);
      return copy;
    });
  };

  it("crops parts of every size from `crop` to the whole, everywhere", () => {
    const found = ramps({ crop: 0.6 }).map((row) => ({ share: (row[80] - row[20]) / 0.6, middle: row[50] }));
    const shares = found.map(({ share }) => share),
      middles = found.map(({ middle }) => middle);
    expect(Math.min(...shares)).to.be.within(0.6, 0.62);
    expect(Math.max(...shares)).to.be.within(0.98, 1.0001);
    expect(Math.min(...middles)).to.be.within(0.3, 0.35);
    expect(Math.max(...middles)).to.be.within(0.65, 0.7);
    for (const { share, middle } of found) expect(Math.abs(middle - 0.5)).to.be.at.most((1 - share) / 2 + 1e-3);
  });

  it("crops and mirrors at once", () =>
    expect(new Set(ramps({ crop: 0.6, flip: true }).map((row) => Math.sign(row[80] - row[20])))).to.deep.equal(
      new Set([1, -1]),
    ));

  it("changes saturation, contrast and brightness as their names say, and keeps within [0, 1]", () => {
    const picture = [0.2, 0.6, 0.4, 0.8, 0.1, 0.3];
    const changed = (
      saturation: number,
      contrast: number,
      brightness: number,
      of = picture,
      channels = 3,
    ): number[] => {
      const copy = Float32Array.from(of);
      jitterColours(copy, channels, saturation, contrast, brightness);
      return Array.from(copy);
    };
    const near = (actual: number[], wanted: number[]): void =>
      actual.forEach((value, i) => expect(value).to.be.closeTo(wanted[i], 1e-6));
    near(changed(1, 1, 1), picture);
    const first = 0.299 * 0.2 + 0.587 * 0.6 + 0.114 * 0.4,
      second = 0.299 * 0.8 + 0.587 * 0.1 + 0.114 * 0.3,
      mean = (first + second) / 2;
    near(changed(0, 1, 1), [first, first, first, second, second, second]);
    near(changed(1, 0, 1), new Array<number>(6).fill(mean));
    near(
      changed(1, 1, 0.5),
      picture.map((value) => value / 2),
    );
    near(
      changed(1, 1.5, 1),
      picture.map((value) => Math.min(1, Math.max(0, mean + 1.5 * (value - mean)))),
    );
    near(changed(2, 1, 1, [0.2, 0.6], 1), [0.2, 0.6]);
    near(changed(1, 1, 4, [0.2, 0.6], 1), [0.8, 1]);
  });

  it("recolours by up to `colour` either way", () => {
    const grey = Float32Array.of(0.5, 0.5, 0.5),
      chance = random(5),
      seen: number[] = [];
    for (let i = 0; i < 300; i++) {
      const copy = new Float32Array(3);
      copyAugmented(grey, 0, copy, 0, [1, 1, 3], { colour: 0.3 }, chance);
      seen.push(copy[0]);
    }
    expect([Math.min(...seen), Math.max(...seen)].map((value) => Math.round(20 * value) / 20)).to.deep.equal([
      0.35, 0.65,
    ]);
  });
});

describe("learning-rate schedule", () => {
  it("warms up, peaks and ends at 0", () => {
    expect(cosineSchedule(1, 0)).to.be.within(0, 0.01);
    expect(cosineSchedule(1, 0.02)).to.equal(1);
    expect(cosineSchedule(1, 0.51)).to.be.closeTo(0.5, 1e-9);
    expect(cosineSchedule(1, 1)).to.be.closeTo(0, 1e-9);
  });
});

describe("seeded randomness", () => {
  it("repeats, mixes seeds, and has the moments it should", () => {
    const draw = (...seeds: number[]): number[] => {
      const r = random(...seeds);
      return Array.from({ length: 5 }, () => r.uniform());
    };
    expect(draw(1, 2)).to.deep.equal(draw(1, 2));
    expect(draw(1, 2)).not.to.deep.equal(draw(2, 1));
    const r = random(7),
      normals = Array.from({ length: 20000 }, () => r.normal());
    const mean = normals.reduce((a, b) => a + b) / normals.length;
    expect(mean).to.be.closeTo(0, 0.03);
    expect(normals.reduce((a, b) => a + (b - mean) ** 2, 0) / normals.length).to.be.closeTo(1, 0.05);
    expect([...r.permutation(100)].sort((a, b) => a - b)).to.deep.equal(Array.from({ length: 100 }, (_, i) => i));
  });
});

describe("Cholesky factor", () => {
  it("times its transpose is the matrix", () => {
    const a = [
        [4, 2, 0.6],
        [2, 5, 1],
        [0.6, 1, 3],
      ],
      l = cholesky(a);
    a.forEach((row, i) =>
      row.forEach((value, j) => {
        const product = l[i].reduce((sum, x, k) => sum + x * (l[j][k] ?? 0), 0);
        expect(product).to.be.closeTo(value, 1e-12);
      }),
    );
  });
});
