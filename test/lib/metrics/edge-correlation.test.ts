import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { l2Norm } from "../../../lib/core/tensors";
import { BadInputError } from "../../../lib/core/errors";
import { correlation } from "../../../lib/metrics/correlation";
import { edgeCorrelation } from "../../../lib/metrics/edge-correlation";
import { sobel } from "../../../lib/metrics/sobel";
import { random } from "../../../lib/core/random";
import { tensorsLeft } from "../../helpers/backends";

const across = [
  [-1, 0, 1],
  [-2, 0, 2],
  [-1, 0, 1],
];

/** Sobel by its definition: a kernel and its transpose laid over each inner pixel. */
function slowEdges(grey: (y: number, x: number) => number, height: number, width: number): number[] {
  const lengths: number[] = [];
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      let right = 0,
        down = 0;
      for (const dy of [-1, 0, 1])
        for (const dx of [-1, 0, 1]) {
          right += across[dy + 1][dx + 1] * grey(y + dy, x + dx);
          down += across[dx + 1][dy + 1] * grey(y + dy, x + dx);
        }
      lengths.push(Math.sqrt(right ** 2 + down ** 2));
    }
  return lengths;
}

/** Pearson's correlation from all pairs of pixels, without a mean. */
function slowCorrelation(a: number[], b: number[]): number {
  let ab = 0,
    aa = 0,
    bb = 0;
  for (let i = 0; i < a.length; i++)
    for (let j = 0; j < a.length; j++) {
      ab += (a[i] - a[j]) * (b[i] - b[j]);
      aa += (a[i] - a[j]) ** 2;
      bb += (b[i] - b[j]) ** 2;
    }
  return ab / Math.sqrt(aa * bb);
}

const [height, width] = [9, 11];
const drawn = (seed: number, count: number, channels: number): tf.Tensor4D => {
  const source = random(seed);
  return tf.tensor4d(
    Float32Array.from({ length: count * height * width * channels }, () => source.uniform()),
    [count, height, width, channels],
  );
};

describe("edgeCorrelation", () => {
  it("is Pearson's correlation of the strongest channel with Sobel's edges, worked out slowly", async () => {
    const maps = tf.tidy(() => tf.sub(drawn(1, 3, 3), 0.5) as tf.Tensor4D),
      images = drawn(2, 3, 3);
    const m = maps.arraySync(),
      x = images.arraySync();
    const wanted = x.map((image, i) => {
      const edges = slowEdges(
        (row, column) => (image[row][column][0] + image[row][column][1] + image[row][column][2]) / 3,
        height,
        width,
      );
      const inside = m[i]
        .slice(1, -1)
        .flatMap((row) => row.slice(1, -1).map((values) => Math.max(...values.map(Math.abs))));
      return slowCorrelation(inside, edges);
    });
    (await edgeCorrelation(maps, images)).forEach((value, i) =>
      expect(value, `image ${i}`).to.be.closeTo(wanted[i], 1e-5),
    );
    expect(new Set(wanted.map((value) => value.toFixed(4))).size, "the three differ").to.equal(3);
    tf.dispose([maps, images]);
  });

  it("is 1 for the edges themselves, whatever their sign and scale, and −1 for what is left of them", async () => {
    const images = drawn(3, 1, 1),
      grey = images.arraySync()[0];
    const edges = slowEdges((row, column) => grey[row][column][0], height, width);
    const framed = (values: number[]): tf.Tensor4D =>
      tf.tidy(
        () =>
          tf.pad(tf.tensor4d(values, [1, height - 2, width - 2, 1]), [
            [0, 0],
            [1, 1],
            [1, 1],
            [0, 0],
          ]) as tf.Tensor4D,
      );
    const maps = tf.concat([
      framed(edges),
      framed(edges.map((value, i) => 40 * value * (-1) ** i)),
      framed(edges.map((value) => Math.max(...edges) - value)),
    ]) as tf.Tensor4D;
    const [same, signed, opposite] = await edgeCorrelation(maps, images);
    expect(same).to.be.closeTo(1, 1e-6);
    expect(signed).to.be.closeTo(1, 1e-6);
    expect(opposite).to.be.closeTo(-1, 1e-6);
    tf.dispose([images, maps]);
  });

  it("compares each map with its own image, or the maps of one image through training with that one", async () => {
    const maps = drawn(4, 2, 1),
      images = drawn(5, 2, 1),
      first = tf.slice(images, 0, 1);
    const each = await edgeCorrelation(maps, images),
      one = await edgeCorrelation({ values: maps }, { values: first });
    expect(one[0]).to.equal(each[0]);
    expect(one[1]).to.not.equal(each[1]);
    tf.dispose([maps, images, first]);
  });

  it("reduces the map's channels as asked", async () => {
    const maps = drawn(6, 1, 3),
      images = drawn(7, 1, 3);
    const length = tf.tidy(() => tf.norm(maps, 2, 3, true) as tf.Tensor4D);
    expect((await edgeCorrelation(maps, images, { channels: l2Norm }))[0]).to.be.closeTo(
      (await edgeCorrelation(length, images))[0],
      1e-6,
    );
    expect((await edgeCorrelation(maps, images, { channels: l2Norm }))[0]).to.not.be.closeTo(
      (await edgeCorrelation(maps, images))[0],
      1e-6,
    );
    tf.dispose([maps, images, length]);
  });

  it("is 0 where nothing varies, and leaves no tensors", async () => {
    expect(
      await tensorsLeft(async () => {
        const [map, flat] = [drawn(8, 1, 1), tf.fill([1, height, width, 1], 0.1) as tf.Tensor4D];
        expect(await edgeCorrelation(map, flat)).to.deep.equal([0]);
        expect(await edgeCorrelation(flat, map)).to.deep.equal([0]);
        tf.dispose([map, flat]);
      }),
    ).to.equal(0);
  });

  it("is 0 where only the outermost pixels vary, which do not count, and for images of 3 by 3", async () => {
    const framed = tf.pad(tf.ones([1, 3, 3, 1]), [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ]) as tf.Tensor4D,
      image = tf.slice(drawn(10, 1, 1), [0, 0, 0, 0], [1, 5, 5, 1]);
    expect(await edgeCorrelation(framed, image)).to.deep.equal([0]);
    const small = tf.slice(image, [0, 0, 0, 0], [1, 3, 3, 1]);
    expect(await edgeCorrelation(small, small)).to.deep.equal([0]);
    tf.dispose([framed, image, small]);
  });

  it("takes edges between equally bright colours for none", async () => {
    // Red on the left, green on the right.
    const image = tf.tensor4d(
        Array.from({ length: 25 }, (_, i) => (i % 5 < 2 ? [0.9, 0, 0] : [0, 0.9, 0])).flat(),
        [1, 5, 5, 3],
      ),
      map = tf.slice(drawn(11, 1, 1), [0, 0, 0, 0], [1, 5, 5, 1]);
    expect(await edgeCorrelation(map, image)).to.deep.equal([0]);
    tf.dispose([image, map]);
  });

  const ones =
    (...shape: [number, number, number, number]) =>
    (): tf.Tensor4D =>
      tf.ones(shape);
  const bad: [string, () => tf.Tensor4D, () => tf.Tensor4D, RegExp][] = [
    ["counts", ones(3, 4, 4, 1), ones(2, 4, 4, 1), /^the number of images is 2; allowed: 1, or 3: one for each map/],
    [
      "sizes",
      ones(1, 4, 4, 1),
      ones(1, 4, 5, 1),
      /^the size of images is \[4, 5\]; allowed: the maps' own, 4 by 4\. Maps of a layer need `upsample`/,
    ],
    [
      "too small",
      ones(1, 2, 4, 1),
      ones(1, 2, 4, 1),
      /^the size of images is \[2, 4\]; allowed: at least 3 by 3 pixels/,
    ],
    ["no maps", () => undefined as never, ones(1, 4, 4, 1), /^maps is undefined/],
    [
      "no images",
      ones(1, 4, 4, 1),
      () => tf.zeros([4, 4]) as never,
      /^images is \[4, 4\]; allowed: an attribution, or a tensor/,
    ],
    ["not finite", ones(1, 4, 4, 1), () => tf.fill([1, 4, 4, 1], NaN), /^a value of images\[0\] is NaN/],
  ];
  for (const [name, maps, images, message] of bad) {
    it(`refuses, and leaves no tensors: ${name}`, async () => {
      const given = [maps(), images()] as const;
      expect(
        await tensorsLeft(async () => {
          const error = await edgeCorrelation(...given).then(
            () => undefined,
            (thrown: Error) => thrown,
          );
          expect(error).to.be.instanceOf(BadInputError);
          expect(error!.message).to.match(message);
        }),
      ).to.equal(0);
      tf.dispose([...given]);
    });
  }
});

describe("sobel", () => {
  it("is 8 for a slope of 1, along a row, along a column and, by Pythagoras, across", () => {
    const slope = (rise: (y: number, x: number) => number): number[] =>
      Array.from(
        sobel({
          height: 4,
          width: 5,
          values: Float32Array.from({ length: 20 }, (_, i) => rise(Math.floor(i / 5), i % 5)),
        }).values,
      );
    expect(slope((_, x) => x)).to.deep.equal(new Array(6).fill(8));
    expect(slope((y) => -y)).to.deep.equal(new Array(6).fill(8));
    for (const value of slope((y, x) => 3 * x + 4 * y)) expect(value).to.equal(40);
  });
});

describe("correlation", () => {
  it("is the one from all pairs, and 0 for values that are the same but for rounding", () => {
    const source = random(9),
      a = Array.from({ length: 60 }, () => source.normal()),
      b = a.map((value) => value + source.normal());
    expect(correlation(a, b)).to.be.closeTo(slowCorrelation(a, b), 1e-12).and.above(0.3);
    expect(
      correlation(
        a,
        a.map((value) => 3 - 2 * value),
      ),
    ).to.be.closeTo(-1, 1e-12);
    expect(
      correlation(
        a,
        a.map((_, i) => 0.1 + 1e-17 * i),
      ),
    ).to.equal(0);
    // By hand: deviations (−1, 0, 1) and (−1, 1, 0) have the products 1, 0, 0, and the squares 2 and 2.
    expect(correlation([1, 2, 3], [4, 6, 5])).to.be.closeTo(0.5, 1e-12);
    for (let round = 0; round < 200; round++) {
      const values = Array.from({ length: 7 }, () => source.normal());
      expect(
        correlation(
          values,
          values.map((value) => 3 * value),
        ),
      ).to.be.at.most(1);
      expect(
        correlation(
          values,
          values.map((value) => -3 * value),
        ),
      ).to.be.at.least(-1);
    }
  });
});
