import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { maxAbs, signedSum } from "../../../lib/core/tensors";
import { BadInputError } from "../../../lib/core/errors";
import { intersectionOverUnion, type Box } from "../../../lib/metrics/box";
import { energyPointingGame } from "../../../lib/metrics/energy-pointing-game";
import { gaussianBlur } from "../../../lib/core/gaussian-blur";
import { localize } from "../../../lib/metrics/localize";
import { random } from "../../../lib/core/random";
import { tensorsLeft } from "../../helpers/backends";
import { relativeError } from "../../helpers/finite-difference";

/** Rows of digits, the value of each pixel; a space between rows. */
const drawing = (text: string): tf.Tensor4D => {
  const rows = text
    .trim()
    .split(/\s+/)
    .map((row) => [...row].map(Number));
  return tf.tensor4d(rows.flat(), [1, rows.length, rows[0].length, 1]);
};
const box = (top: number, left: number, bottom: number, right: number): Box => ({ top, left, bottom, right });
const found = async (map: tf.Tensor4D, options = {}): Promise<Box | undefined> => (await localize(map, options))[0];

describe("localize", () => {
  const twoIslands = drawing("0000000 0110000 0110050 0000555 0000050");
  it("finds the largest region that hangs together, not the strongest, and boxes it half-open", async () => {
    expect(await found(twoIslands)).to.deep.equal(box(2, 4, 5, 7));
    expect(await found(drawing("9000000 0111000 0111000 0000000"), { fraction: 0.1 })).to.deep.equal(box(1, 1, 3, 4));
  });
  it("keeps what reaches a fraction of the maximum, that included", async () => {
    const map = drawing("248 000");
    expect(await found(map, { fraction: 0.25 })).to.deep.equal(box(0, 0, 1, 3));
    expect(await found(map, { fraction: 0.26 })).to.deep.equal(box(0, 1, 1, 3));
    expect(await found(map, { fraction: 1 })).to.deep.equal(box(0, 2, 1, 3));
    expect(await found(drawing("31 00"))).to.deep.equal(box(0, 0, 1, 2));
    expect(await found(drawing("71 00"))).to.deep.equal(box(0, 0, 1, 1));
    // 0.7 is not a number of float32: what is stored is a little less.
    const tenths = tf.tensor4d([0.6, 0.7, 1, 0], [1, 1, 4, 1]);
    expect(await found(tenths, { fraction: 0.7 })).to.deep.equal(box(0, 1, 1, 3));
    expect(await found(tenths, { fraction: 0.6 })).to.deep.equal(box(0, 0, 1, 3));
    tenths.dispose();
  });
  it("keeps what reaches a percentile", async () => {
    const map = drawing("12345 00000");
    expect(await found(map, { percentile: 80 })).to.deep.equal(box(0, 2, 1, 5));
    expect(await found(map, { percentile: 100 })).to.deep.equal(box(0, 4, 1, 5));
    expect(await found(map, { percentile: 10 }), "0 never belongs").to.deep.equal(box(0, 0, 1, 5));
  });
  it("does not join by corners, and takes the first of equals", async () => {
    expect(await found(drawing("100 010 001"))).to.deep.equal(box(0, 0, 1, 1));
  });
  it("joins by blurring, of a width in pixels", async () => {
    expect(await found(drawing("1010101 0000000"), { fraction: 0.5 })).to.deep.equal(box(0, 0, 1, 1));
    expect(await found(drawing("1010101 0000000"), { fraction: 0.5, blur: 1 })).to.deep.equal(box(0, 0, 2, 7));
  });
  it("finds the same as labelling by repeated spreading, on random maps", async () => {
    const source = random(11);
    for (let round = 0; round < 20; round++) {
      const values = Float32Array.from({ length: 9 * 12 }, () => source.uniform());
      const map = tf.tensor4d(values, [1, 9, 12, 1]);
      const limit = 0.55 * Math.max(...values);
      // Every marked pixel takes the lowest label around, until nothing changes.
      const labels = Array.from(values, (value, i) => (value >= limit ? i : -1));
      for (let changed = true; changed;) {
        changed = false;
        for (let i = 0; i < labels.length; i++)
          for (const j of [i % 12 > 0 ? i - 1 : i, i % 12 < 11 ? i + 1 : i, i - 12, i + 12]) {
            if (labels[i] >= 0 && labels[j] >= 0 && labels[j] < labels[i]) [labels[i], changed] = [labels[j], true];
          }
      }
      const size = (label: number): number => labels.filter((other) => other === label).length;
      const best = [...new Set(labels)].filter((label) => label >= 0).sort((a, b) => size(b) - size(a) || a - b)[0];
      const pixels = labels.flatMap((label, i) => (label === best ? [i] : []));
      const rows = pixels.map((i) => Math.floor(i / 12)),
        columns = pixels.map((i) => i % 12);
      expect(await found(map, { fraction: 0.55 })).to.deep.equal(
        box(Math.min(...rows), Math.min(...columns), Math.max(...rows) + 1, Math.max(...columns) + 1),
      );
      map.dispose();
    }
  });
  it("reduces channels, by default by the largest absolute value, and takes an attribution", async () => {
    const values = tf.tensor4d([0, 0, 1, -1, 0, 0, -3, -3], [1, 2, 2, 2]);
    expect(await found(values, { fraction: 0.9 })).to.deep.equal(box(1, 1, 2, 2));
    expect(await localize({ values }, { channels: (v) => tf.tidy(() => tf.neg(signedSum(v))) })).to.deep.equal([
      box(1, 1, 2, 2),
    ]);
    expect(await localize(values, { channels: signedSum }), "nothing above 0").to.deep.equal([undefined]);
  });
  it("has no box for an empty map, a box for each other one, and leaves no tensors", async () => {
    const batch = tf.concat([drawing("10 00"), drawing("00 00"), drawing("01 01")]);
    expect(
      await tensorsLeft(async () =>
        expect(await localize(batch)).to.deep.equal([box(0, 0, 1, 1), undefined, box(0, 1, 2, 2)]),
      ),
    ).to.equal(0);
  });

  it("takes the first of equally large regions, row by row, whatever their strength", async () => {
    expect(await found(drawing("0050 1000 9000 0000"), { fraction: 0.1 })).to.deep.equal(box(1, 0, 3, 1));
    expect(await found(drawing("0011 0000 9900"), { fraction: 0.1 })).to.deep.equal(box(0, 2, 1, 4));
  });
  it("takes a map that is the same everywhere for one region, and one below 0 for none unless by size", async () => {
    const same = tf.fill([1, 3, 4, 1], 2) as tf.Tensor4D,
      negative = tf.neg(same) as tf.Tensor4D;
    expect(await found(same)).to.deep.equal(box(0, 0, 3, 4));
    expect(await found(negative)).to.deep.equal(box(0, 0, 3, 4));
    expect(await found(negative, { channels: signedSum })).to.equal(undefined);
    expect(await found(tf.ones([1, 1, 1, 1]))).to.deep.equal(box(0, 0, 1, 1));
    tf.dispose([same, negative]);
  });
  it("a blur of next to nothing changes nothing", async () => {
    for (const blur of [1e-3, 1e-200]) expect(await found(drawing("10 00"), { blur })).to.deep.equal(box(0, 0, 1, 1));
  });
  it("takes masks of booleans and integers, and a reduction that hands its maps back: the caller's still", async () => {
    const mask = tf.tensor4d([0, 1, 0, 1], [1, 2, 2, 1], "bool"),
      whole = tf.tensor4d([0, 1, 0, 9], [1, 2, 2, 1], "int32");
    expect(await found(mask)).to.deep.equal(box(0, 1, 2, 2));
    expect(await found(whole, { fraction: 0.5 })).to.deep.equal(box(1, 1, 2, 2));
    const one = drawing("10 00");
    expect(
      await tensorsLeft(async () =>
        expect(await found(one, { channels: (maps: tf.Tensor4D) => maps })).to.deep.equal(box(0, 0, 1, 1)),
      ),
    ).to.equal(0);
    expect(one.isDisposed).to.equal(false);
    tf.dispose([mask, whole, one]);
  });

  const map = drawing("10 00");
  const bad: [() => Promise<unknown>, RegExp][] = [
    [() => localize(map, { fraction: 0 }), /^fraction is 0; allowed: a number above 0 and at most 1/],
    [() => localize(map, { fraction: 15 }), /^fraction is 15/],
    [() => localize(map, { percentile: 101 }), /^percentile is 101/],
    [
      () => localize(map, { percentile: 90, fraction: 0.5 }),
      /^percentile is 90; allowed: none beside a fraction\. Give one of the two/,
    ],
    [() => localize(map, { blur: -1 }), /^blur is -1; allowed: a number of pixels from 0 to 100/],
    [() => localize(tf.zeros([4, 4]) as never), /^maps is \[4, 4\]; allowed: an attribution, or a tensor/],
    [() => localize(undefined as never), /^maps is undefined/],
    [() => localize(tf.fill([1, 2, 2, 1], NaN)), /^a value of maps\[0\] is NaN/],
    [() => localize(tf.tensor4d([NaN, 5, 1, 1], [1, 1, 2, 2])), /^a value of maps\[0\] is NaN/],
    [() => localize(tf.tensor4d([1, 1, 1, Infinity], [2, 1, 2, 1])), /^a value of maps\[1\] is Infinity/],
    [
      () => localize(map, { channels: (maps) => tf.div(maps, 0) }),
      /^a value of what channels makes of maps\[0\] is (NaN|Infinity)/,
    ],
    [
      () => localize(map, { channels: (maps) => tf.sum(maps, 3) as never }),
      /^what channels returned is \[1, 2, 2\]; allowed: a tensor \[1, 2, 2, 1\]/,
    ],
    [() => localize(map, { channels: (() => 3) as never }), /^what channels returned is 3/],
    [() => localize(map, { channels: "maxAbs" as never }), /^channels is "maxAbs"; allowed: a reduction/],
    [() => energyPointingGame(map, [box(0, 0, 1, 1), box(0, 0, 1, 1)]), /^the number of boxes is 2; allowed: 1\.$/],
    [
      () => energyPointingGame(map, box(0, 0, 3, 1)),
      /^boxes is .*inside the 2 by 2 pixels\. bottom and right are the first row and column/,
    ],
    [() => energyPointingGame(map, [box(0, 0, 0.5, 1)]), /^boxes\[0\] is /],
  ];
  for (const [work, message] of bad) {
    it(`refuses: ${message.source.slice(1, 40)}`, async () => {
      const before = tf.memory().numTensors;
      const error = await work().then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      expect(error).to.be.instanceOf(BadInputError);
      expect(error!.message).to.match(message);
      expect(tf.memory().numTensors - before).to.be.at.most(1);
    });
  }
});

describe("gaussianBlur", () => {
  it("is the normalised two-dimensional Gaussian, by its definition", () => {
    const source = random(2),
      height = 7,
      width = 9,
      sigma = 1.3;
    const values = Float32Array.from({ length: height * width }, () => source.normal());
    const wanted = values.map((_, i) => {
      let sum = 0,
        total = 0;
      for (let j = 0; j < values.length; j++) {
        const [dy, dx] = [Math.floor(j / width) - Math.floor(i / width), (j % width) - (i % width)];
        if (Math.max(Math.abs(dy), Math.abs(dx)) > 4) continue;
        const weight = Math.exp(-(dy * dy + dx * dx) / (2 * sigma * sigma));
        sum += weight * values[j];
        total += weight;
      }
      return sum / total;
    });
    expect(relativeError(gaussianBlur({ height, width, values }, sigma).values, wanted)).to.be.below(1e-5);
    expect(gaussianBlur({ height, width, values }, 0).values).to.equal(values);
  });
});

describe("intersectionOverUnion", () => {
  const counted = (a: Box, b: Box): number => {
    let common = 0,
      all = 0;
    for (let y = 0; y < 12; y++)
      for (let x = 0; x < 12; x++) {
        const [inA, inB] = [a, b].map(
          ({ top, left, bottom, right }) => y >= top && y < bottom && x >= left && x < right,
        );
        if (inA && inB) common++;
        if (inA || inB) all++;
      }
    return common / all;
  };
  it("is what counting pixels gives", () => {
    const source = random(3);
    const draw = (): Box => {
      const [y, x] = [source.integer(11), source.integer(11)];
      return box(y, x, y + 1 + source.integer(12 - y - 1), x + 1 + source.integer(12 - x - 1));
    };
    for (let i = 0; i < 200; i++) {
      const [a, b] = [draw(), draw()];
      expect(intersectionOverUnion(a, b)).to.be.closeTo(counted(a, b), 1e-12);
    }
    expect(intersectionOverUnion(box(0, 0, 4, 4), box(0, 0, 4, 4))).to.equal(1);
    expect(intersectionOverUnion(box(0, 0, 2, 2), box(2, 2, 4, 4))).to.equal(0);
    expect(intersectionOverUnion(undefined, box(0, 0, 1, 1))).to.equal(0);
    expect(intersectionOverUnion(undefined, undefined)).to.equal(0);
  });
  it("refuses what is no box", () => {
    expect(() => intersectionOverUnion(undefined, box(0, 0, 0, 1))).to.throw(
      BadInputError,
      /^the second box is .*0 ≤ top < bottom, 0 ≤ left < right/,
    );
    expect(() => intersectionOverUnion(box(2, 0, 1, 1), box(0, 0, 1, 1))).to.throw(BadInputError, /^the first box is /);
    expect(() => intersectionOverUnion(box(0, 0, 1, 1), [0, 0, 1, 1] as never)).to.throw(
      BadInputError,
      /^the second box is \[0, 0, 1, 1\]/,
    );
  });
});

describe("energyPointingGame", () => {
  it("is the share of what is positive, of one box or of each map's own", async () => {
    const maps = tf.tensor4d([1, 2, 3, -4, 5, 5, 0, 0], [2, 2, 2, 1]);
    expect(await energyPointingGame(maps, box(0, 0, 1, 2))).to.deep.equal([0.5, 1]);
    expect(await energyPointingGame(maps, [box(1, 0, 2, 2), box(0, 0, 2, 1)], { channels: maxAbs })).to.deep.equal([
      0.7, 0.5,
    ]);
    expect(await energyPointingGame(tf.zeros([1, 2, 2, 1]), box(0, 0, 1, 1))).to.deep.equal([0]);
    expect(await energyPointingGame(maps, [box(0, 0, 1, 2)]), "a list of one box").to.deep.equal([0.5, 1]);
    expect(await energyPointingGame(maps, box(0, 0, 2, 2)), "the whole").to.deep.equal([1, 1]);
    maps.dispose();
  });

  it("is the box's share of the area for an even map, and 0 for one without a value above 0", async () => {
    const maps = tf.concat([tf.fill([1, 4, 5, 1], 0.3), tf.fill([1, 4, 5, 1], -0.3)]) as tf.Tensor4D;
    const [even, none] = await energyPointingGame(maps, box(1, 2, 3, 5));
    expect(even).to.be.closeTo(6 / 20, 1e-9);
    expect(none).to.equal(0);
    maps.dispose();
  });

  it("takes what speaks against the class for nothing, also in colours", async () => {
    const one = tf.tensor4d([1, -5, 3, -1], [1, 2, 2, 1]),
      colours = tf.tensor4d([2, -1, 0, 1, -8, 2, 1, 1, 1, -1, 0, 0], [1, 2, 2, 3]);
    expect(await energyPointingGame(one, box(0, 0, 1, 2))).to.deep.equal([0.25]);
    // Sums of the colours: 1, −5, 3, −1.
    expect(await energyPointingGame(colours, box(0, 0, 1, 2))).to.deep.equal([0.25]);
    // By magnitude: 1 and 5 of 10.
    expect((await energyPointingGame(one, box(0, 0, 1, 2), { channels: maxAbs }))[0]).to.be.closeTo(0.6, 1e-6);
    tf.dispose([one, colours]);
  });
});
