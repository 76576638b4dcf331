import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { compile, CompileError } from "../../../../lib/backend/graph";
import { forEachBackend, tensorsLeft } from "../../../helpers/backends";

type Work = (x: tf.Tensor) => tf.Tensor;

/** What cannot be compiled, and what is said of it. */
const refused: [string, () => Work, RegExp][] = [
  [
    "reads values",
    () => (x) => tf.mul(x, x.dataSync()[0]),
    /^the function reads a tensor's values \(data, dataSync, array, arraySync, print\) \(at .*refused\.test\.ts:\d+:\d+\)\)$/,
  ],
  [
    "reads them and hides the error",
    () => (x) => {
      try {
        return tf.mul(x, x.dataSync()[0]);
      } catch {
        return tf.zerosLike(x);
      }
    },
    /reads a tensor's values/,
  ],
  ["reads a constant", () => (x) => tf.mul(x, tf.tensor1d([2, 3]).max().dataSync()[0]), /reads a tensor's values/],
  [
    "makes another number at each run",
    () => {
      let run = 0;
      return (x) => tf.mul(x, ++run);
    },
    /^the function makes a tensor in JavaScript that differs from run to run; let it be an input \(at .*refused\.test\.ts:\d+:\d+\)\)$/,
  ],
  [
    "draws random numbers in JavaScript",
    () => (x) => tf.add(tf.mul(x, 0), tf.randomUniform([2]).mul(0)).add(x),
    /makes a tensor in JavaScript that differs/,
  ],
  [
    "draws random numbers in TensorFlow",
    () => (x) => tf.add(x, tf.mul(0, tf.cast(tf.multinomial(tf.tensor1d([0.5, 0.5]), 2, 3), "float32"))),
    /^Multinomial gives something else at each run/,
  ],
  [
    "does something else at each run",
    () => {
      let run = 0;
      return (x) => (run++ % 2 ? tf.add(x, 0) : tf.sub(x, 0));
    },
    /^the function computes something else from run to run \((Sub|Add|AddV2)\) \(at .*refused\.test\.ts:\d+:\d+\)\)$/,
  ],
  [
    "takes another axis at each run",
    () => {
      let run = 0;
      return (x) =>
        tf
          .concat([x, x], 0)
          .reshape([2, 2])
          .sum(run++ % 2, true)
          .reshape([2])
          .mul(0)
          .add(x);
    },
    /from run to run/,
  ],
  [
    "takes another tensor from outside",
    () => {
      let mine = tf.scalar(1);
      return (x) => {
        const before = mine;
        mine = tf.keep(tf.scalar(1));
        const y = tf.mul(x, before);
        before.dispose();
        return y;
      };
    },
    /keeps|did not make|another tensor from outside/,
  ],
  [
    "keeps a tensor",
    () => {
      let last: tf.Tensor | undefined;
      return (x) => {
        last?.dispose();
        last = tf.keep(tf.mul(x, 2));
        return tf.add(x, 0);
      };
    },
    /keeps tensors that it does not return/,
  ],
  [
    "assigns a variable",
    () => {
      const count = tf.variable(tf.scalar(0));
      return (x) => {
        count.assign(tf.add(count, 1));
        return tf.add(x, 0);
      };
    },
    /^the function assigns to the variable .*refused\.test\.ts/,
  ],
];

describe("compile: what is refused", () => {
  forEachBackend((backend) => {
    for (const [title, make, reason] of refused) {
      it(`a function that ${title} runs as it is`, async () => {
        const others = new Set(Object.values(tf.engine().registeredVariables)),
          plain = make(),
          compiled = compile(make());
        for (let call = 0; call < 5; call++) {
          const x = tf.tensor1d([call + 1, 2]),
            result = compiled(x),
            expected = tf.tidy(() => plain(x));
          expect(Array.from(result.dataSync())).to.deep.equal(Array.from(expected.dataSync()));
          tf.dispose([x, result, expected]);
        }
        const [info] = compiled.graphs;
        if (backend === "tensorflow") {
          expect(info.runs).to.equal("as it is");
          expect(info.reason).to.match(reason);
          expect(info.reason).not.to.contain("\n");
        } else expect(info).to.equal(undefined);
        compiled.dispose();
        // Not those of networks that other suites have made.
        tf.dispose(Object.values(tf.engine().registeredVariables).filter((variable) => !others.has(variable)));
      });
    }

    it("throws instead of running as it is, where that is asked for, and leaves nothing", async () => {
      const strict = compile((x: tf.Tensor) => tf.mul(x, x.dataSync()[0]), { fallback: false }),
        x = tf.scalar(2);
      let run = 0;
      const later = compile((y: tf.Tensor) => tf.mul(y, ++run), { fallback: false });
      const left = await tensorsLeft(() => {
        for (let call = 0; call < 3; call++) {
          if (backend === "tensorflow")
            expect(() => strict(x)).to.throw(CompileError, /^the function reads a tensor's values/);
          else strict(x).dispose();
        }
        // Whether a number stays the same, two more runs must tell.
        for (let call = 0; call < 2; call++) later(x).dispose();
        if (backend === "tensorflow") expect(() => later(x)).to.throw(CompileError, /differs from run to run/);
      });
      expect(left).to.equal(0);
      x.dispose();
    });

    it("refuses an asynchronous function", async () => {
      const compiled = compile(async (x: tf.Tensor) => tf.add(x, 1)),
        x = tf.scalar(2);
      expect(() => compiled(x)).to.throw(/the function to compile is "asynchronous"/);
      x.dispose();
    });

    it("goes on after one run that differs: what a first run sets up is not there the second time", () => {
      let set: tf.Tensor | undefined;
      const compiled = compile((x: tf.Tensor) => tf.mul(x, (set ??= tf.keep(tf.add(tf.scalar(1), 1)))));
      const x = tf.scalar(4);
      for (let call = 0; call < 5; call++) {
        const result = compiled(x);
        expect(result.dataSync()[0]).to.equal(8);
        result.dispose();
      }
      // The first run keeps a tensor: no second look is needed to refuse it.
      if (backend === "tensorflow") expect(compiled.graphs[0].reason).to.match(/keeps tensors/);
      tf.dispose([x, set!]);
      const fresh = { zeros: undefined as number[] | undefined };
      const lazy = compile((y: tf.Tensor) => {
        const extra = fresh.zeros ? [] : [tf.scalar(0)];
        fresh.zeros = [0];
        return tf.addN([y, ...extra]);
      });
      const y = tf.scalar(4);
      for (let call = 0; call < 4; call++) lazy(y).dispose();
      if (backend === "tensorflow") expect(lazy.graphs[0].runs).to.equal("compiled");
      y.dispose();
      [compiled, lazy].forEach((each) => each.dispose());
    });

    it("returns no number that another run makes another one", () => {
      let run = 0;
      const compiled = compile((x: tf.Tensor) => ({ y: tf.add(x, 1), run: ++run })),
        x = tf.scalar(1);
      for (let call = 1; call <= 4; call++) {
        const { y, run: seen } = compiled(x);
        expect(seen).to.equal(call);
        y.dispose();
      }
      if (backend === "tensorflow") expect(compiled.graphs[0].reason).to.match(/returns other numbers/);
      x.dispose();
      compiled.dispose();
    });
  });
});
