import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { inputGradient } from "../../../../lib/backend";
import { compile } from "../../../../lib/backend/graph";
import { graphDef, lengthOf } from "../../../../lib/backend/graph/graph-def";
import { nativeBackend } from "../../../../lib/backend/engine/native-backend";
import { rewritten } from "../../../../lib/backend/graph/rewrites";
import { flatten } from "../../../../lib/backend/graph/structure";
import { trace } from "../../../../lib/backend/graph/trace";
import { forEachBackend } from "../../../helpers/backends";

type Case = [title: string, kernel: readonly [number, number], stride: number, pad: "same" | "valid", turned: boolean];
const cases: Case[] = [
  ["1×1", [1, 1], 1, "valid", true],
  ["3×3, same", [3, 3], 1, "same", true],
  ["5×3, same", [5, 3], 1, "same", true],
  ["2×2, same: pads one side only", [2, 2], 1, "same", false],
  ["3×2, same", [3, 2], 1, "same", false],
  ["3×3, valid", [3, 3], 1, "valid", false],
  ["3×3, stride 2, same", [3, 3], 2, "same", false],
  ["3×3, stride 2", [3, 3], 2, "valid", true],
  ["2×3, stride 2", [2, 3], 2, "valid", true],
  ["1×1, stride 2", [1, 1], 2, "valid", true],
  ["5×4, stride 3", [5, 4], 3, "valid", true],
  ["5×5, stride 2", [5, 5], 2, "valid", true],
  ["3×3, stride 3", [3, 3], 3, "valid", true],
  ["2×2, stride 4", [2, 2], 4, "valid", true],
];

describe("compile: ops rewritten", () => {
  forEachBackend(() => {
    for (const [title, [height, width], stride, pad, turned] of cases) {
      for (const freeze of [0, 1e9]) {
        it(
          `the input gradient of a convolution ${title}, weights ${freeze === 0 ? "fed" : "in the graph"}, is as ` +
            `op by op`,
          () => {
            const x = tf.randomNormal<tf.Rank.R4>([2, 7, 6, 3], 0, 1, "float32", 1),
              filter = tf.randomNormal<tf.Rank.R4>([height, width, 3, 4], 0, 1, "float32", 2),
              bias = tf.randomNormal<tf.Rank.R1>([4], 0, 1, "float32", 3);
            const step = (image: tf.Tensor4D): tf.Tensor4D =>
              inputGradient((at) => tf.square(tf.relu(tf.add(tf.conv2d(at, filter, stride, pad), bias))), image);
            const { recorded, result } = trace(step, [x], flatten([x], "input"), nativeBackend()!);
            const names = rewritten(recorded!.recording, nativeBackend()!.binding).ops.map(({ name }) => name);
            expect(names.includes("Conv2DBackpropInput")).to.equal(!turned);
            expect(names.includes("BiasAdd")).to.equal(true);
            const compiled = compile(step, { fallback: false, freeze });
            compiled.prepare(x);
            const own = compiled(x),
              plain = result as tf.Tensor4D;
            const largest = plain.abs().max().dataSync()[0];
            expect(largest).to.be.above(0.1);
            const [a, b] = [own.dataSync(), plain.dataSync()];
            a.forEach((value, i) => expect(Math.abs(value - b[i])).to.be.at.most(1e-6 * largest));
            compiled.dispose();
            tf.dispose([x, filter, bias, own, plain]);
          },
        );
      }
    }

    it("a vector of one number is spread, not made a bias", () => {
      const x = tf.ones<tf.Rank.R4>([1, 4, 4, 2]),
        filter = tf.ones<tf.Rank.R4>([1, 1, 2, 3]),
        one = tf.tensor1d([5]);
      const compiled = compile((image: tf.Tensor4D) => tf.add(tf.conv2d(image, filter, 1, "same"), one), {
        fallback: false,
      });
      compiled.prepare(x);
      const own = compiled(x);
      expect([own.shape, own.dataSync()[0]]).to.deep.equal([[1, 4, 4, 3], 7]);
      tf.dispose([x, filter, one, own]);
      compiled.dispose();
    });

    it("weights above the limit, and variables, are fed; others are in the graph", () => {
      const x = tf.ones([2]),
        weight = tf.tensor1d([2, 3]),
        variable = tf.variable(tf.tensor1d([4, 5]));
      const compiledOnce = (freeze: number) => {
        const compiled = compile((y: tf.Tensor) => tf.mul(tf.mul(y, weight), variable), { freeze, fallback: false });
        compiled.prepare(x);
        variable.assign(tf.tidy(() => tf.tensor1d([6, 7])));
        const values = tf.tidy(() => Array.from(compiled(x).dataSync()));
        compiled.dispose();
        return values;
      };
      expect(compiledOnce(8)).to.deep.equal([12, 21]);
      expect(compiledOnce(7)).to.deep.equal([12, 21]);
      const { recorded, result } = trace(
        (y: tf.Tensor) => tf.mul(y, weight),
        [x],
        flatten([x], "input"),
        nativeBackend()!,
      );
      const plain = lengthOf(graphDef(recorded!.recording).pieces),
        frozen = lengthOf(graphDef(recorded!.recording, [new Uint8Array(8)]).pieces);
      expect(frozen).to.be.above(plain);
      expect(() => compile(() => x, { freeze: -1 })).to.throw(/freeze is -1; allowed: a number of bytes ≥ 0/);
      tf.dispose([x, weight, variable, result as tf.Tensor]);
    });
  }, ["tensorflow"]);
});
