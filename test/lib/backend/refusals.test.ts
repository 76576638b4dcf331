import { expect } from "chai";
import { tf } from "../../../lib";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";

const ones = (...shape: number[]): tf.Tensor => tf.ones(shape);
const bool = (...shape: number[]): tf.Tensor => tf.cast(tf.ones(shape), "bool");

/** What is written, and what it is told, on every backend. */
const refused: Readonly<Record<string, readonly [() => unknown, RegExp]>> = {
  "matMul: inner sizes": [
    () => tf.matMul(ones(3, 1), ones(3, 1)),
    /^matMul of \[3,1\] and \[3,1\]: the inner sizes 1 and 3 differ\./,
  ],
  "matMul: transposed": [
    () => tf.matMul(ones(3, 1), ones(3, 2), false, true),
    /^matMul of \[3,1\] and \[3,2\], the second transposed: the inner sizes 1 and 2 differ/,
  ],
  "matMul: batches": [() => tf.matMul(ones(2, 3, 1), ones(3, 1, 2)), /^matMul .*: of the .* batches the sizes 2 and 3/],
  "matMul: a vector": [() => tf.matMul(ones(3), ones(3, 1)), /^matMul of \[3\] and \[3,1\]: \[3\] is no matrix\./],
  "matMul as a method": [
    () => ones(3, 1).matMul(ones(3, 1)),
    /^matMul of \[3,1\] and \[3,1\]: the inner sizes 1 and 3/,
  ],
  dot: [() => tf.dot(ones(3), ones(2)), /^dot of \[3\] and \[2\]: the inner sizes 3 and 2 differ/],
  "conv2d: channels": [
    () => tf.conv2d(ones(1, 5, 5, 3), ones(3, 3, 1, 2), 1, "same"),
    /^conv2d of \[1,5,5,3\] and \[3,3,1,2\]: the images have 3 channels, and the filter is for 1/,
  ],
  "conv2d: no images": [() => tf.conv2d(ones(5, 5), ones(3, 3, 1, 2), 1, "same"), /^conv2d .*: images are \[batch, /],
  "conv2d: no filter": [() => tf.conv2d(ones(1, 5, 5, 1), ones(3, 3), 1, "same"), /^conv2d .*: a filter is \[height, /],
  "conv2d: a large filter": [
    () => tf.conv2d(ones(1, 5, 5, 1), ones(7, 7, 1, 2), 1, "valid"),
    /^conv2d .*: a window of 7×7 does not fit into images of 5×5\. "same"/,
  ],
  "depthwiseConv2d: channels": [
    () => tf.depthwiseConv2d(ones(1, 5, 5, 3), ones(3, 3, 1, 2), 1, "same"),
    /^depthwiseConv2d .*: the images have 3 channels, and the filter is for 1/,
  ],
  "avgPool: no images": [
    () => tf.avgPool(ones(3, 3), 2, 2, "same"),
    /^avgPool of \[3,3\] with a window of 2×2: images/,
  ],
  "maxPool: a large window": [
    () => tf.maxPool(ones(1, 3, 3, 1), 5, 1, "valid"),
    /^maxPool .*: a window of 5×5 does not/,
  ],
  "concat: sizes": [
    () => tf.concat([ones(2, 3), ones(3, 2)]),
    /^concat of \[2,3\] and \[3,2\] along axis 0: the sizes 3 and 2 of axis 1 differ/,
  ],
  "concat: ranks": [() => tf.concat([ones(2, 3), ones(3)]), /^concat of .*different numbers of axes/],
  "concat: axis": [
    () => tf.concat([ones(2, 3), ones(2, 3)], 5),
    /^concat of .* along axis 5: there is no axis 5\. The axes/,
  ],
  "concat as a method": [() => ones(2, 3).concat(ones(3, 2)), /^concat of \[2,3\] and \[3,2\] along axis 0: the sizes/],
  "stack: shapes": [
    () => tf.stack([ones(2, 3), ones(3, 2)]),
    /^stack of .*: \[2,3\] and \[3,2\] differ; all must have the/,
  ],
  "stack: axis": [() => tf.stack([ones(2), ones(2)], 5), /^stack of .*: there is no place for an axis 5/],
  "reshape: size": [
    () => tf.reshape(ones(2, 3), [4, 2]),
    /^reshape of \[2,3\] to \[4,2\]: \[2,3\] has 6 values, \[4,2\] takes 8/,
  ],
  "reshape: -1": [
    () => ones(2, 3).reshape([-1, 4]),
    /^reshape of \[2,3\] to \[-1,4\]: 6 values are no multiple of the 4/,
  ],
  "reshape: two -1": [() => tf.reshape(ones(2, 3), [-1, -1]), /^reshape of .*: only one size can be -1/],
  add: [
    () => tf.add(ones(2, 3), ones(2, 4)),
    /^add of \[2,3\] and \[2,4\]: the sizes 3 and 4 of axis 1 differ\. Axes are/,
  ],
  "add: fewer axes": [() => tf.add(ones(2, 3), ones(4)), /^add of .*: the sizes 3 and 4 of the last axes differ/],
  "mul: classes": [
    () => tf.mul(ones(3, 10), tf.oneHot([1, 2, 3], 1000).toFloat()),
    /^mul of \[3,10\] and \[3,1000\]: the sizes 10 and 1000 of axis 1 differ/,
  ],
  sub: [() => ones(2, 3).sub(ones(3, 3)), /^sub of .*: the sizes 2 and 3 of axis 0 differ/],
  div: [() => tf.div(ones(2, 3), ones(2, 2)), /^div of .*: the sizes 3 and 2 of axis 1 differ/],
  minimum: [() => tf.minimum(ones(2, 3), ones(2, 4)), /^minimum of \[2,3\] and \[2,4\]: the sizes 3 and 4 of axis 1/],
  pow: [() => tf.pow(ones(2, 3), ones(2, 4)), /^pow of .*: the sizes 3 and 4 of axis 1 differ/],
  greater: [() => tf.greater(ones(2, 3), ones(2, 4)), /^greater of .*: the sizes 3 and 4 of axis 1 differ/],
  squaredDifference: [
    () => tf.squaredDifference(ones(2), ones(3)),
    /^squaredDifference of .*: the sizes 2 and 3 of axis 0/,
  ],
  "slice: too long": [
    () => tf.slice(ones(2, 3), [0, 2], [1, 3]),
    /^slice of \[2,3\] from \[0,2\], \[1,3\] long: along axis 1 it reaches to 5, where there are 3 places/,
  ],
  "slice: too late": [
    () => ones(2, 3).slice([5]),
    /^slice of \[2,3\] from \[5\]: along axis 0 it begins at 5, where there are 2/,
  ],
  "slice: too many": [
    () => tf.slice(ones(2, 3), [0, 0, 0], [1, 1, 1]),
    /^slice of .*: begin has 3 numbers\. The axes of/,
  ],
  "gather: place": [
    () => tf.gather(ones(2, 3), [5]),
    /^gather of \[2,3\] at \[5\] along axis 0: axis 0 has no place 5\. It has 2/,
  ],
  "gather: dtype": [
    () => tf.gather(ones(2, 3), ones(1)),
    /^gather of .*: places are whole numbers, and these are float32/,
  ],
  "gather: axis": [() => tf.gather(ones(2, 3), [0], 4), /^gather of .* along axis 4: there is no axis 4/],
  sum: [
    () => tf.sum(ones(2, 3), 2),
    /^sum of \[2,3\] along axis 2: there is no axis 2\. The axes of \[2,3\] are 0 and 1/,
  ],
  mean: [() => tf.mean(ones(2, 3), [0, 3]), /^mean of \[2,3\] along axes \[0,3\]: there is no axis 3/],
  max: [
    () => ones(2, 3, 4).max(5),
    /^max of \[2,3,4\] along axis 5: there is no axis 5\. The axes of \[2,3,4\] are 0 to 2/,
  ],
  argMax: [
    () => tf.argMax(ones(3), 1),
    /^argMax of \[3\] along axis 1: there is no axis 1\. The only axis of \[3\] is 0/,
  ],
  reverse: [() => tf.reverse(ones(2, 3), 4), /^reverse of .*: there is no axis 4/],
  cumsum: [() => tf.cumsum(ones(2, 3), 4), /^cumsum of .*: there is no axis 4/],
  unstack: [() => tf.unstack(ones(2, 3), 4), /^unstack of .*: there is no axis 4/],
  "transpose: few": [
    () => tf.transpose(ones(2, 3), [0]),
    /^transpose of \[2,3\] with perm \[0\]: perm must name each axis once/,
  ],
  "transpose: twice": [
    () => ones(2, 3).transpose([0, 0]),
    /^transpose of \[2,3\] with perm \[0,0\]: perm must name each/,
  ],
  "where: sizes": [
    () => tf.where(bool(2, 3), ones(2, 3), ones(2, 4)),
    /^where of \[2,3\] bool, \[2,3\] and \[2,4\]: the sizes 3/,
  ],
  "where: condition": [
    () => tf.where(ones(2), ones(2), ones(2)),
    /^where of .*: its condition is float32, and must be true/,
  ],
  "oneHot: dtype": [
    () => tf.oneHot(ones(2), 3),
    /^oneHot of \[2\], depth 3: classes are whole numbers, and these are float32/,
  ],
  "oneHot: depth": [() => tf.oneHot([1], 0), /^oneHot of \[1\], depth 0: depth is the number of classes/],
  expandDims: [() => tf.expandDims(ones(2), 5), /^expandDims of \[2\] along axis 5: there is no place for an axis 5/],
  squeeze: [() => tf.squeeze(ones(2, 1), [0]), /^squeeze of .*: axis 0 has the size 2; only 1 can go/],
  split: [() => tf.split(ones(2, 3), 2, 1), /^split of \[2,3\] into 2 along axis 1: 3 places cannot be shared among 2/],
  tile: [
    () => tf.tile(ones(2, 3), [2]),
    /^tile of \[2,3\] with reps \[2\]: reps must have one number for each axis, and has 1/,
  ],
  pad: [() => tf.pad(ones(2, 3), [[1, 1]]), /^pad of \[2,3\] with paddings \[\[1,1\]\]: paddings must have a pair/],
  softmax: [
    () => tf.softmax(ones(2, 3), 0),
    /^softmax of \[2,3\] along axis 0: it is there along the last axis alone, 1/,
  ],
  softmaxCrossEntropy: [
    () => tf.losses.softmaxCrossEntropy(ones(3, 10), ones(3, 1000)),
    /^softmaxCrossEntropy of \[3,10\] and \[3,1000\]: both must have the same shape/,
  ],
  "logicalAnd: dtype": [
    () => tf.logicalAnd(ones(2), ones(2)),
    /^logicalAnd of .*: its argument a is float32; logicalAnd takes/,
  ],
  "add: texts": [() => tf.add(tf.tensor(["a"]), 1), /^add of \[1\] string and 1: its argument a holds texts/],
  clipByValue: [() => tf.clipByValue(ones(2), 1, 0), /^clipByValue of \[2\]: the lower limit 1 is above 0/],
  "what no rule knows": [
    () => tf.topk(ones(2, 3), 7),
    /^topk of \[2,3\]: 'k' passed to topk\(\) must be <= the last dimension/,
  ],
  "an image operation": [
    () => tf.image.resizeBilinear(ones(3, 3), [2, 2]),
    /^resizeBilinear of \[3,3\]: x must be rank 3 or/,
  ],
  "a new tensor": [
    () => tf.tensor([1, 2, 3], [2, 2]),
    /^tensor of \[3\]: .*\[2,2\], the tensor should have 4 values but has 3/,
  ],
};

describe("errors of TensorFlow.js, in words", () => {
  forEachBackend(() => {
    for (const [name, [call, told]] of Object.entries(refused))
      it(name, () => {
        expect(() => tf.tidy(() => void call())).to.throw(told);
      });

    it("a tensor that was freed, a promise, and nothing at all", () => {
      const freed = ones(2);
      freed.dispose();
      expect(() => tf.add(freed, 1)).to.throw(/^add of \[2\] and 1: a tensor was freed before, by dispose\(\)/);
      expect(() => tf.add(Promise.resolve(1) as never, 1)).to.throw(/^add of 1: an argument is a promise\. Put await/);
      expect(() => tf.add(undefined as never, 1)).to.throw(
        /^add of 1: its argument a is missing \(undefined or null\)/,
      );
    });

    it("begins its stack at the caller's line, with none of TensorFlow.js's", () => {
      const theStudentsFunction = (): tf.Tensor => tf.matMul(ones(3, 1), ones(3, 1));
      const theStudentsMethod = (): tf.Tensor => ones(3, 1).matMul(ones(3, 1));
      for (const call of [theStudentsFunction, theStudentsMethod])
        try {
          call();
          expect.fail("nothing was thrown");
        } catch (error) {
          const [head, first] = (error as Error).stack!.split("\n");
          expect(head).to.match(/^Error: matMul of \[3,1\] and \[3,1\]: the inner sizes 1 and 3 differ/);
          expect(first).to.match(/theStudents.*refusals\.test/);
        }
    });

    it("refuses nothing that is right", async () => {
      const left = await tensorsLeft(() =>
        tf.tidy(() => {
          const x = tf.reshape(tf.range(0, 24), [2, 3, 4]);
          const values = (t: tf.Tensor): number[] => Array.from(t.dataSync());
          const all = x.arraySync() as number[][][];
          expect(values(x.slice(1))).to.deep.equal(all[1].flat());
          expect(values(x.slice([0, 1], [-1, 1]))).to.deep.equal(all.flatMap((rows) => rows[1]));
          expect(values(tf.slice(x, [1, 2, 3], [1, 1, 1]))).to.deep.equal([all[1][2][3]]);
          expect(x.slice([2]).shape).to.deep.equal([0, 3, 4]);
          expect(values(x.slice([0, 0, 2], [1]))).to.deep.equal(all[0].flatMap((row) => row.slice(2)));
          expect(values(tf.transpose(x).slice([0, 0], [1, 1]))).to.deep.equal([all[0][0][0], all[1][0][0]]);
          expect(
            tf.pad(x, [
              [0, 0],
              [1, 0],
              [0, 2],
            ]).shape,
          ).to.deep.equal([2, 4, 6]);
          expect(values(tf.cumsum(tf.tensor1d([1, 2, 3]), 0))).to.deep.equal([1, 3, 6]);
          expect(tf.maxPool(ones(1, 5, 4, 1), [5, 4], 1, "valid").shape).to.deep.equal([1, 1, 1, 1]);
          expect(tf.avgPool(ones(3, 3, 1), 5, 1, "same").shape).to.deep.equal([3, 3, 1]);
          expect(tf.conv2d(ones(5, 5, 1), ones(5, 5, 1, 2), 2, "valid").shape).to.deep.equal([1, 1, 2]);
        }),
      );
      expect(left).to.equal(0);
    });
  });
});
