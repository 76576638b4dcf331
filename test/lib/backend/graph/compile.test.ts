import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { inputGradient } from "../../../../lib/backend";
import { compile } from "../../../../lib/backend/graph";
import { random } from "../../../../lib/core/random";
import { forEachBackend, tensorsLeft } from "../../../helpers/backends";

const image = (seed: number, batch = 2, side = 6): tf.Tensor4D => {
  const { normal } = random(seed);
  return tf.tensor4d(Float32Array.from({ length: batch * side * side * 3 }, normal), [batch, side, side, 3]);
};
const far = (a: tf.Tensor, b: tf.Tensor): number =>
  tf.tidy(
    () =>
      tf
        .max(tf.abs(tf.sub(a, b)))
        .div(tf.maximum(tf.max(tf.abs(b)), 1e-30))
        .dataSync()[0],
  );
const runs = (compiled: { graphs: readonly { runs: string }[] }): string[] =>
  compiled.graphs.map((graph) => graph.runs);

describe("compile", () => {
  forEachBackend((backend) => {
    const graph = backend === "tensorflow" ? ["compiled"] : [];
    let kernel: tf.Tensor4D;
    before(() => {
      kernel = image(9, 3, 3).slice([0, 0, 0, 0], [3, 3, 3, 3]);
    });
    after(() => kernel.dispose());
    const network = (x: tf.Tensor4D): tf.Tensor4D => tf.maxPool(tf.relu(tf.conv2d(x, kernel, 1, "same")), 2, 2, "same");

    it("gives what the function gives, and leaves what it returns", async () => {
      const gradient = (x: tf.Tensor4D, weight: tf.Tensor): tf.Tensor4D =>
        inputGradient((y) => tf.mul(network(y), weight), x);
      const compiled = compile(gradient);
      for (let call = 0; call < 5; call++) {
        const x = image(call),
          weight = tf.scalar(call + 0.5);
        let result!: tf.Tensor4D;
        expect(
          await tensorsLeft(() => {
            result = compiled(x, weight);
          }),
        ).to.equal(1);
        const plain = gradient(x, weight);
        expect(far(result, plain)).to.be.below(1e-6);
        tf.dispose([x, weight, result, plain]);
      }
      expect(runs(compiled)).to.deep.equal(graph);
      expect(await tensorsLeft(() => compiled.dispose())).to.equal(0);
    });

    it(
      "takes and returns structures; an input, a tensor from outside and one returned twice come back as tensors " +
        "of their own",
      async () => {
        const compiled = compile(
          (first: readonly tf.Tensor[], { b, name, scale }: { b: tf.Tensor; name: string; scale: number }) => {
            const sum = tf.addN([...first, b]);
            return {
              sum,
              list: [sum, first[0], kernel, tf.scalar(7)],
              name,
              nested: { double: tf.mul(b, scale), nothing: null },
            };
          },
        );
        for (let call = 0; call < 4; call++) {
          const a = tf.tensor1d([call, 1]),
            c = tf.tensor1d([2, 3]),
            b = tf.tensor1d([10, 20 + call]);
          let result!: ReturnType<typeof compiled>;
          expect(
            await tensorsLeft(() => {
              result = compiled([a, c], { scale: 3, b, name: "x" });
            }),
          ).to.equal(6);
          const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
          expect(values(result.sum)).to.deep.equal([12 + call, 24 + call]);
          expect(result.list.map((tensor) => values(tensor)[0])).to.deep.equal([12 + call, call, values(kernel)[0], 7]);
          expect(values(result.nested.double)).to.deep.equal([30, 60 + 3 * call]);
          expect([result.name, result.nested.nothing]).to.deep.equal(["x", null]);
          expect(Object.keys(result)).to.deep.equal(["sum", "list", "name", "nested"]);
          tf.dispose([result.sum, ...result.list, result.nested.double]);
          expect(values(a)).to.deep.equal([call, 1]);
          tf.dispose([a, b, c]);
        }
        expect(runs(compiled)).to.deep.equal(graph);
        expect(kernel.isDisposed).to.equal(false);
        compiled.dispose();
      },
    );

    it("has a graph for each shape, dtype and plain value, and keeps the last ones", () => {
      const compiled = compile((x: tf.Tensor, power: number) => tf.pow(x, tf.scalar(power, x.dtype as "float32")), {
        maxGraphs: 2,
      });
      const check = (x: tf.Tensor, power: number): void => {
        const expected = Array.from(x.dataSync(), (value) => value ** power);
        for (let call = 0; call < 3; call++) {
          const result = compiled(x, power);
          expect(result.dtype).to.equal(x.dtype);
          expect(Array.from(result.dataSync(), (value) => Math.round(value * 1e4) / 1e4)).to.deep.equal(expected);
          result.dispose();
        }
        x.dispose();
      };
      check(tf.tensor1d([1, 2, 3]), 2);
      check(tf.tensor1d([1, 2, 3]), 3);
      check(tf.tensor1d([1, 2, 3, 4]), 2);
      check(tf.tensor2d([[1, 2, 3]]), 2);
      check(tf.tensor2d([[1, 2, 3]], [1, 3], "int32"), 2);
      expect(runs(compiled)).to.deep.equal(graph.flatMap(() => ["compiled", "compiled"]));
      compiled.dispose();
    });

    it("does not confuse an input with another one, or with a tensor from outside, that shares its data", () => {
      const outside = tf.tensor1d([1, 2]);
      const compiled = compile((a: tf.Tensor, b: tf.Tensor) => tf.add(tf.mul(a, 100), tf.add(tf.mul(b, 10), outside)));
      for (let call = 0; call < 3; call++) tf.dispose(compiled(outside, outside));
      const other = tf.tensor1d([5, 6]),
        third = tf.tensor1d([7, 8]),
        result = compiled(other, third);
      expect(Array.from(result.dataSync())).to.deep.equal([571, 682]);
      tf.dispose([outside, other, third, result]);
      compiled.dispose();
    });

    it("feeds a variable with what it holds at the call", () => {
      const weight = tf.variable(tf.tensor1d([1, 2]));
      const compiled = compile((x: tf.Tensor) => tf.mul(x, weight));
      const x = tf.tensor1d([3, 4]);
      for (let call = 0; call < 5; call++) {
        const result = compiled(x),
          next = tf.tensor1d([call, -call]);
        expect(Array.from(result.dataSync())).to.deep.equal(call === 0 ? [3, 8] : [3 * (call - 1), -4 * (call - 1)]);
        weight.assign(next);
        tf.dispose([result, next]);
      }
      expect(runs(compiled)).to.deep.equal(graph);
      compiled.dispose();
      tf.dispose([weight, x]);
    });

    it("throws what the function throws, once more as a graph, and leaves nothing", async () => {
      const compiled = compile((x: tf.Tensor2D, y: tf.Tensor2D) => tf.matMul(tf.relu(x), y));
      const x = tf.ones<tf.Rank.R2>([2, 3]),
        y = tf.ones<tf.Rank.R2>([2, 3]);
      for (let call = 0; call < 4; call++) {
        expect(
          await tensorsLeft(() => {
            expect(() => compiled(x, y)).to.throw(/the inner sizes 3 and 2 differ/);
          }),
        ).to.equal(0);
      }
      tf.dispose([x, y]);
      const inGradient = compile((x: tf.Tensor4D) =>
        inputGradient((y) => {
          tf.relu(tf.mul(y, y));
          throw new Error("of its own");
        }, x),
      );
      const one = image(1);
      for (let call = 0; call < 3; call++)
        expect(
          await tensorsLeft(() => {
            expect(() => inGradient(one)).to.throw("of its own");
          }),
        ).to.equal(0);
      one.dispose();
      [compiled, inGradient].forEach((each) => each.dispose());
    });

    it("throws from inside a graph as op by op, and goes on with good inputs", async () => {
      const compiled = compile((x: tf.Tensor, at: tf.Tensor1D) => tf.gather(x, at));
      const x = tf.tensor1d([1, 2, 3]);
      for (const [first, expected] of [
        [0, 1],
        [1, 2],
        [2, 3],
        [1, 2],
      ] as const) {
        const at = tf.tensor1d([first], "int32"),
          result = compiled(x, at);
        expect(Array.from(result.dataSync())).to.deep.equal([expected]);
        tf.dispose([at, result]);
      }
      expect(runs(compiled)).to.deep.equal(graph);
      if (backend === "tensorflow") {
        const wrong = tf.tensor1d([7], "int32");
        expect(
          await tensorsLeft(() => {
            expect(() => compiled(x, wrong)).to.throw(/axis 0 has no place 7/);
          }),
        ).to.equal(0);
        wrong.dispose();
        expect(runs(compiled)).to.deep.equal(graph);
      }
      x.dispose();
      compiled.dispose();
    });

    it("runs as it is inside another compiled function, inside itself, and where a gradient is being taken", () => {
      const square = compile((x: tf.Tensor) => tf.mul(x, x));
      const outer = compile((x: tf.Tensor) => tf.add(square(x), 1));
      const down: (x: tf.Tensor, depth: number) => tf.Tensor = compile((x: tf.Tensor, depth: number): tf.Tensor =>
        depth === 0 ? tf.add(x, 1) : tf.mul(2, down(x, depth - 1)),
      );
      const slope = compile((x: tf.Tensor) => tf.grad((y: tf.Tensor) => square(y))(x));
      const x = tf.scalar(3);
      for (let call = 0; call < 4; call++) {
        const results = [
          square(x),
          outer(x),
          down(x, 3),
          slope(x),
          tf.tidy(() => tf.grad((y: tf.Tensor) => outer(y))(x)),
          tf.tidy(() => tf.grad((y: tf.Tensor) => tf.grad((z: tf.Tensor) => tf.mul(z, square(z)))(y))(x)),
        ];
        expect(results.map((result) => result.dataSync()[0])).to.deep.equal([9, 10, 32, 6, 6, 18]);
        tf.dispose(results);
      }
      x.dispose();
      [square, outer, slope].forEach((each) => each.dispose());
    });

    it("compiles gradients of gradients", () => {
      const curvature = (x: tf.Tensor): tf.Tensor =>
        tf.grad((y: tf.Tensor) => tf.grad((z: tf.Tensor) => tf.sum(tf.mul(tf.sigmoid(z), tf.square(z))))(y))(x);
      const compiled = compile(curvature),
        x = tf.tensor1d([0.3, -1, 2]);
      for (let call = 0; call < 4; call++) {
        const result = compiled(x),
          plain = tf.tidy(() => curvature(x));
        expect(far(result, plain)).to.be.below(1e-5);
        tf.dispose([result, plain]);
      }
      expect(runs(compiled)).to.deep.equal(graph);
      x.dispose();
      compiled.dispose();
    });

    it("prepares a graph at once", async () => {
      const compiled = compile((x: tf.Tensor4D) => network(x)),
        x = image(3);
      let info!: ReturnType<typeof compiled.prepare>;
      expect(
        await tensorsLeft(() => {
          info = compiled.prepare(x);
        }),
      ).to.equal(0);
      expect(info.runs).to.equal(backend === "tensorflow" ? "compiled" : "as it is");
      expect(info.signature).to.equal("[float32[2,6,6,3]]");
      if (backend === "tensorflow") expect(info).to.include.keys("nodes", "compileMs");
      else expect(info.reason).to.equal(`the backend is ${backend}`);
      x.dispose();
      compiled.dispose();
    });

    it("refuses what it cannot take, in one line", async () => {
      const compiled = compile((x: unknown) => tf.add(x as tf.Tensor, 1));
      expect(
        await tensorsLeft(() => {
          expect(() => compiled({ model: new Map() })).to.throw(
            'input 0.model is "an object of class Map"; allowed: tensors, numbers, strings, booleans, null and ' +
              "undefined, in arrays and plain objects.",
          );
          expect(() => compiled([new Float32Array(2)])).to.throw(/input 0\.0 is "an object of class Float32Array"/);
          expect(() => compiled(() => 1)).to.throw(/input 0 is "a function"/);
          expect(() => compile(3 as never)).to.throw(/the function to compile is 3/);
          expect(() => compile(tf.add, { maxGraphs: 0 })).to.throw(/maxGraphs is 0; allowed: an integer ≥ 1/);
          expect(() => compile(tf.add, { fallback: 1 as never })).to.throw(/fallback is 1/);
        }),
      ).to.equal(0);
      compiled.dispose();
      compiled.dispose();
      expect(() => compiled(1)).to.throw('the compiled function is "disposed"; allowed: one still in use.');
    });
  });
});
