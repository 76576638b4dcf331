import { expect } from "chai";
import * as vm from "node:vm";
import * as tf from "@tensorflow/tfjs";
import { inputGradient } from "../../../lib/backend/input-gradient";
import { reluRule } from "../../../lib/backend/relu-rule";
import { installReset, resetKey } from "../../../lib/backend/interrupts/reset";
import { forEachBackend } from "../../helpers/backends";

/** Ends `work` as an interrupt from outside does: V8 unwinds it without running a catch or a finally. */
function interrupted(work: () => void): void {
  const holder = globalThis as { interruptedWork?: () => void };
  holder.interruptedWork = work;
  expect(() => vm.runInThisContext("interruptedWork()", { timeout: 100 })).to.throw(/timed out/);
  delete holder.interruptedWork;
}

describe("reset after an interrupt", () => {
  before(installReset);
  const reset = (): void => (globalThis as { [resetKey]?: () => void })[resetKey]?.();

  forEachBackend(() => {
    it("restores rule, tape and scopes, and frees what the interrupted work held", () => {
      const x = tf.ones<tf.Rank.R4>([1, 4, 4, 1]);
      const before = tf.memory().numTensors;
      interrupted(() => {
        inputGradient(
          (x) => {
            const kept = tf.tidy(() => tf.relu(tf.conv2d(x, tf.ones<tf.Rank.R4>([2, 2, 1, 1]), 1, "same")).square());
            for (;;) kept.shape.length = 4;
          },
          x,
          "guided",
        );
      });
      const { state } = tf.engine();
      // Else this test would prove nothing.
      expect(reluRule()).to.equal("guided");
      expect(state.gradientDepth).to.equal(1);
      expect(tf.memory().numTensors).to.be.above(before);

      reset();
      expect(reluRule()).to.equal("standard");
      expect([state.gradientDepth, state.kernelDepth, state.scopeStack.length]).to.deep.equal([0, 0, 0]);
      expect(tf.memory().numTensors - before).to.equal(0);
      tf.tidy(() => {
        expect(
          tf
            .grad((x) => tf.relu(x).mul(-2))(x)
            .dataSync()[0],
        ).to.equal(-2);
      });
      expect(tf.memory().numTensors - before).to.equal(0);
      x.dispose();
    });

    it("changes nothing where nothing was interrupted", () => {
      const x = tf.ones([3]);
      const before = tf.memory().numTensors;
      reset();
      expect(tf.memory().numTensors).to.equal(before);
      expect(Array.from(x.dataSync())).to.deep.equal([1, 1, 1]);
      x.dispose();
    });
  });
});
