import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { inputGradient, ready } from "../../../../lib/backend";
import { compile } from "../../../../lib/backend/graph";
import { rules } from "../../../../lib/backend/graph/stand-ins";
import { difference, type Recording } from "../../../../lib/backend/graph/recording";
import { nativeBackend, type NativeBackend } from "../../../../lib/backend/engine/native-backend";
import { flatten } from "../../../../lib/backend/graph/structure";
import { trace } from "../../../../lib/backend/graph/trace";
import { forEachBackend, tensorsLeft } from "../../../helpers/backends";
import { tinyModel, tinyWeights } from "../../../helpers/tiny-model";
import { cases } from "../gradient-cases";
import { weights } from "../numbers";

type Work = (x: tf.Tensor) => unknown;

/** Ops that no gradient case has. */
const more: [string, number[], Work][] = [
  [
    "each value",
    [2, 3],
    (x) => [
      tf.onesLike(x),
      tf.log1p(x),
      tf.expm1(x),
      tf.sqrt(x),
      tf.sign(x),
      tf.reciprocal(x),
      tf.atanh(x),
      tf.sin(x),
      tf.cos(x),
      tf.ceil(x),
      tf.round(x),
      tf.softplus(x),
      tf.leakyRelu(x),
      tf.clipByValue(x, 0, 1),
    ],
  ],
  [
    "each two values",
    [2, 1, 3],
    (x) => [
      tf.div(x, weights(2, 1)),
      tf.divNoNan(x, weights(3)),
      tf.mod(x, weights(4, 3)),
      tf.maximum(x, 0),
      tf.minimum(weights(3), x),
      tf.pow(x, 2),
      tf.squaredDifference(x, weights(2, 3)),
      tf.greaterEqual(x, 1),
      tf.lessEqual(x, weights(3)),
      tf.equal(x, 0),
      tf.logicalOr(x.greater(0), x.less(-1)),
      tf.addN([x, x]),
    ],
  ],
  [
    "comparisons and choice",
    [3, 4],
    (x) =>
      tf.where(x.greater(0).logicalAnd(x.less(1)).logicalNot(), x.floor(), x.notEqual(0).cast("int32").cast("float32")),
  ],
  [
    "integers",
    [3, 4],
    (x) => [x.cast("int32").floorDiv(tf.scalar(2, "int32")), x.argMax(1), tf.topk(x, 2), tf.oneHot(tf.argMin(x, 0), 5)],
  ],
  [
    "parts",
    [4, 6, 3],
    (x) => [
      tf.split(x, 3, 1),
      tf.split(x, [1, 5], -2),
      tf.unstack(x),
      tf.slice(x, [1, 0, 0], [-1, 2, 3]),
      tf.stack([x, x], 1),
      tf.stridedSlice(x, [0, 1, 0], [4, 6, 3], [2, 2, 1]),
    ],
  ],
  [
    "made inside",
    [2, 3],
    (x) => [
      tf.zeros([2, 3]).add(x),
      tf.fill([4], 3).sum(),
      tf.range(0, 3).mul(x),
      tf.linspace(0, 1, 3).add(x),
      tf.eye(3).matMul(x, false, true),
    ],
  ],
  [
    "reductions",
    [2, 3, 4],
    (x) => [
      x.sum(),
      x.mean(-1, true),
      x.max([0, 2]),
      x.min(1),
      x.prod(0),
      tf.moments(x, [1]),
      tf.logSumExp(x, 1),
      tf.softmax(x),
      tf.logSoftmax(x),
    ],
  ],
  [
    "products",
    [2, 3, 4],
    (x) => [
      tf.matMul(x, x, false, true),
      tf.matMul(x, x, true),
      tf.matMul(x, weights(4, 5)),
      tf.matMul(weights(3, 3), x),
      tf.dot(weights(5), weights(5, 2)),
    ],
  ],
  [
    "shapes",
    [2, 3, 4],
    (x) => [
      tf.reshape(x, [-1, 4]),
      tf.transpose(x),
      tf.transpose(x, [1, 0, 2]),
      tf.tile(x, [1, 2, 3]),
      tf.pad(x, [
        [0, 1],
        [2, 0],
        [0, 0],
      ]),
      tf.reverse(x, 1),
      tf.expandDims(x),
      tf.squeeze(x.slice(0, 1)),
      tf.broadcastTo(x, [5, 2, 3, 4]),
    ],
  ],
  [
    "concatenation",
    [2, 3],
    (x) => [
      tf.concat([x, x, tf.ones([2, 1])], 1),
      tf.concat([x, x], 0),
      tf.gather(
        x,
        tf.tensor2d(
          [
            [0, 1],
            [2, 0],
          ],
          [2, 2],
          "int32",
        ),
        1,
      ),
    ],
  ],
];

/** @returns what a function does, watched for real and abstractly */
function both(work: Work, x: tf.Tensor, backend: NativeBackend): { real: Recording; abstract: Recording } {
  const watched = (abstractly: boolean): Recording => {
    const { result, recorded, refused } = trace(work, [x], flatten([x], "input"), backend, abstractly);
    expect(refused).to.equal(undefined);
    if (abstractly) expect(result).to.equal(undefined);
    tf.dispose(result as tf.TensorContainer);
    return recorded!.recording;
  };
  return { real: watched(false), abstract: watched(true) };
}

describe("compile: watching a function without computing anything", function () {
  this.timeout(60_000);

  forEachBackend(() => {
    let backend: NativeBackend;
    before(async () => {
      await ready();
      backend = nativeBackend()!;
    });

    const known = new Set<string>();
    const gradients = cases.map(([name, shape, f]): [string, number[], Work] => [
      name,
      shape,
      (x) => [f(x), tf.grad(f)(x)],
    ]);
    for (const [name, shape, work] of [...gradients, ...more]) {
      it(`${name}: writes down the same ops, of the same shapes, as when it runs`, async () => {
        const x = weights(...shape),
          ids = (backend as unknown as { getNumOfTFTensors(): number }).getNumOfTFTensors();
        expect(
          await tensorsLeft(async () => {
            const { real, abstract } = both(work, x, backend);
            expect(difference(real, abstract)).to.equal(undefined);
            real.ops.forEach((op, i) => {
              expect(abstract.ops[i].shape, op.name).to.deep.equal(op.shape);
              known.add(op.name);
            });
          }),
        ).to.equal(0);
        x.dispose();
        // What TF.js gave to TensorFlow for the real run may still be there; for the abstract one nothing comes.
        expect((backend as unknown as { getNumOfTFTensors(): number }).getNumOfTFTensors()).to.be.at.most(ids + 1);
      });
    }

    it("each op with a rule of its own was among them", () => {
      const never = Object.keys(rules).filter((name) => !known.has(name));
      expect(never).to.deep.equal([]);
    });

    it("runs none of a network's ops, and keeps nothing for its gradient", () => {
      const model = tinyModel(tinyWeights("relu")),
        x = weights<tf.Tensor4D>(4, ...model.inputShape),
        ran: string[] = [];
      const holder = backend as unknown as { binding: { executeOp(name: string, ...rest: unknown[]): unknown } },
        { binding } = holder;
      const executeOp = (name: string, ...rest: unknown[]): unknown => {
        ran.push(name);
        return binding.executeOp(name, ...rest);
      };
      // The addon's own object cannot be written to.
      holder.binding = Object.create(binding, { executeOp: { value: executeOp } }) as typeof binding;
      try {
        const { recorded } = trace(
          (at: tf.Tensor4D) => inputGradient((y) => model.logits(y), at),
          [x],
          flatten([x], "input"),
          backend,
          true,
        );
        expect(recorded!.recording.ops.map(({ name }) => name)).to.include.members(["Conv2D", "MaxPoolGrad"]);
        expect(ran).to.deep.equal([]);
      } finally {
        holder.binding = binding;
        x.dispose();
      }
    });

    it("makes the graph at the first call where compile is told so, whose result is the graph's", async () => {
      let calls = 0;
      const compiled = compile(
          (x: tf.Tensor) => {
            calls++;
            return x.square().sum();
          },
          { abstract: true },
        ),
        x = tf.tensor1d([1, 2, 3]),
        y = tf.tensor1d([4, 5]);
      expect(
        await tensorsLeft(async () => {
          for (let call = 0; call < 2; call++)
            tf.tidy(() => {
              expect(compiled(x).dataSync()[0]).to.equal(14);
            });
        }),
      ).to.equal(0);
      expect(calls, "runs without values").to.equal(2);
      expect(compiled.prepare(y).runs).to.equal("compiled");
      expect(compiled.graphs.map(({ runs }) => runs)).to.deep.equal(["compiled", "compiled"]);
      tf.dispose([x, y]);
      compiled.dispose();
    });

    it("one that looks at its values runs as it is, one that throws throws its own; nothing is left", async () => {
      const abstract = true,
        x = tf.tensor1d([5, 6]);
      const reads = compile((at: tf.Tensor) => tf.scalar(at.dataSync()[0]), { abstract });
      const throws = compile(
        (at: tf.Tensor): tf.Tensor => {
          at.square();
          throw new Error(`no ${at.shape.join()}`);
        },
        { abstract },
      );
      const keeps = compile(
        (at: tf.Tensor) => {
          tf.keep(at.square());
          return at.neg();
        },
        { abstract },
      );
      expect(
        await tensorsLeft(async () => {
          for (let call = 0; call < 2; call++)
            tf.tidy(() => {
              expect(reads(x).dataSync()[0]).to.equal(5);
            });
          expect(reads.graphs[0]).to.deep.include({ runs: "as it is" });
          expect(reads.graphs[0].reason).to.match(/^the function reads a tensor's values/);
          for (let call = 0; call < 2; call++) expect(() => throws(x)).to.throw(/^no 2$/);
          expect(() => throws.prepare(x)).to.throw(/^no 2$/);
        }),
      ).to.equal(0);
      expect(keeps.prepare(x).reason).to.equal("the function keeps tensors that it does not return");
      x.dispose();
    });

    it("abstract must be true or false", () => {
      expect(() => compile((x: tf.Tensor) => x, { abstract: 1 as never })).to.throw(
        /^abstract is 1; allowed: true or false\.$/,
      );
    });
  }, ["tensorflow"]);
});
