import { expect } from "chai";
import { copyAugmented } from "../../../lib/training/augment";
import { cholesky } from "../../../lib/training/fit-latents";
import { cosineSchedule } from "../../../lib/training/schedule";
import { random } from "../../../lib/util/random";

describe("augmentation", () => {
  const picture = Float32Array.from([1, 2, 3, 4, 5, 6]), shape = [2, 3, 1] as const;
  const variants = (options: { flip?: boolean; shift?: number }): Set<string> => {
    const chance = random(1), seen = new Set<string>();
    for (let i = 0; i < 400; i++) {
      const copy = new Float32Array(8).fill(9);
      copyAugmented(picture, 0, copy, 1, shape, options, chance);
      expect([copy[0], copy[7]]).to.deep.equal([9, 9]);
      seen.add(copy.subarray(1, 7).join(" "));
    }
    return seen;
  };

  it("copies as it is without options", () => expect([...variants({})]).to.deep.equal(["1 2 3 4 5 6"]));
  it("mirrors left to right", () => expect([...variants({ flip: true })].sort()).to.deep.equal(["1 2 3 4 5 6", "3 2 1 6 5 4"]));
  it("moves by up to `shift` pixels each way and fills with 0", () => {
    const seen = variants({ shift: 1 });
    expect(seen.size).to.equal(9);
    expect(seen).to.include("5 6 0 0 0 0").and.to.include("0 0 0 0 1 2").and.to.include("0 1 2 0 4 5");
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
    const draw = (...seeds: number[]): number[] => { const r = random(...seeds); return Array.from({ length: 5 }, () => r.uniform()); };
    expect(draw(1, 2)).to.deep.equal(draw(1, 2));
    expect(draw(1, 2)).not.to.deep.equal(draw(2, 1));
    const r = random(7), normals = Array.from({ length: 20000 }, () => r.normal());
    const mean = normals.reduce((a, b) => a + b) / normals.length;
    expect(mean).to.be.closeTo(0, 0.03);
    expect(normals.reduce((a, b) => a + (b - mean) ** 2, 0) / normals.length).to.be.closeTo(1, 0.05);
    expect([...r.permutation(100)].sort((a, b) => a - b)).to.deep.equal(Array.from({ length: 100 }, (_, i) => i));
  });
});

describe("Cholesky factor", () => {
  it("times its transpose is the matrix", () => {
    const a = [[4, 2, 0.6], [2, 5, 1], [0.6, 1, 3]], l = cholesky(a);
    a.forEach((row, i) => row.forEach((value, j) => {
      const product = l[i].reduce((sum, x, k) => sum + x * (l[j][k] ?? 0), 0);
      expect(product).to.be.closeTo(value, 1e-12);
    }));
  });
});
