import { expect } from "chai";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { setFlagsFromString } from "node:v8";
import * as vm from "node:vm";
import * as tf from "@tensorflow/tfjs";
import { inputGradient, ready, resetBackendState } from "../../../../lib/backend";
import { recorderState } from "../../../../lib/backend/graph/recorder";
import { compile } from "../../../../lib/backend/graph";
import { forEachBackend } from "../../../helpers/backends";

interface Counts {
  sessions: number;
  handles: number;
}

describe("compile: what it holds", () => {
  forEachBackend(() => {
    const counts = (): Counts => {
      const backend = tf.backend() as unknown as { getNumOfSavedModels(): number; getNumOfTFTensors(): number };
      return { sessions: backend.getNumOfSavedModels(), handles: backend.getNumOfTFTensors() };
    };
    const graphFolders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("vitrine-graph-"));
    /** TF.js gives a tensor to TensorFlow when it is first used. */
    const uploaded = <T extends tf.Tensor>(tensor: T): T => {
      tf.abs(tensor).dispose();
      return tensor;
    };
    before(ready);

    it(
      "copies no weights, and frees its graphs when they are too many, when it is disposed of and when nobody can " +
        "call it",
      async function () {
        this.timeout(60_000);
        setFlagsFromString("--expose-gc");
        const gc = vm.runInNewContext("gc") as () => void;
        const collect = async (done: () => boolean): Promise<void> => {
          for (let wait = 0; wait < 50 && !done(); wait++) {
            gc();
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        };
        // What tests before this one left to the garbage collector.
        let waits = 0;
        await collect(() => waits++ > 4);
        const weight = uploaded(tf.ones([64, 64])),
          before = counts(),
          tensors = tf.memory().numTensors,
          folders = graphFolders();
        const compiled = compile((x: tf.Tensor2D) => tf.matMul(x, weight as tf.Tensor2D), { maxGraphs: 3 });
        for (let rows = 1; rows <= 6; rows++) {
          const x = tf.ones<tf.Rank.R2>([rows, 64]);
          for (let call = 0; call < 4; call++) compiled(x).dispose();
          x.dispose();
        }
        expect(counts()).to.deep.equal({ sessions: before.sessions + 3, handles: before.handles });
        expect(compiled.graphs.map(({ nodes }) => nodes)).to.deep.equal([3, 3, 3]);
        compiled.dispose();
        expect(counts()).to.deep.equal(before);
        expect(graphFolders()).to.deep.equal(folders);

        const x = tf.ones<tf.Rank.R2>([2, 64]);
        (() => {
          compile((y: tf.Tensor2D) => tf.matMul(y, weight as tf.Tensor2D)).prepare(x);
        })();
        expect(counts().sessions).to.equal(before.sessions + 1);
        await collect(() => counts().sessions <= before.sessions);
        expect(counts().sessions).to.equal(before.sessions);
        tf.dispose([x, weight]);
        expect(tf.memory().numTensors).to.equal(tensors - 1);
      },
    );

    it("looks again where a tensor from outside is gone", () => {
      let weight = tf.scalar(2);
      const compiled = compile((x: tf.Tensor) => tf.mul(x, weight)),
        x = tf.scalar(3);
      const value = (): number => tf.tidy(() => compiled(x).dataSync()[0]);
      expect([value(), value(), value(), value()]).to.deep.equal([6, 6, 6, 6]);
      weight.dispose();
      expect(value).to.throw();
      weight = tf.scalar(5);
      expect([value(), value(), value(), value()]).to.deep.equal([15, 15, 15, 15]);
      expect(compiled.graphs[0].runs).to.equal("compiled");
      tf.dispose([weight, x]);
      compiled.dispose();
    });

    it("returns many outputs of large graphs without growing", () => {
      const compiled = compile((x: tf.Tensor) => Array.from({ length: 20 }, (_, i) => tf.mul(x, i))),
        x = tf.ones([10]);
      for (let call = 0; call < 3; call++) tf.dispose(compiled(x));
      const before = counts(),
        { numTensors, numBytes } = tf.memory();
      for (let call = 0; call < 50; call++) tf.dispose(compiled(x));
      expect(counts()).to.deep.equal(before);
      expect([tf.memory().numTensors, tf.memory().numBytes]).to.deep.equal([numTensors, numBytes]);
      x.dispose();
      compiled.dispose();
    });

    it("is as new after an interrupt in the middle of a run that is watched", () => {
      const x = uploaded(tf.ones<tf.Rank.R4>([1, 4, 4, 1])),
        { numTensors } = tf.memory(),
        handles = counts().handles;
      let endless = true;
      const compiled = compile((image: tf.Tensor4D) =>
        inputGradient(
          (y) => {
            const made = tf.relu(tf.mul(y, tf.scalar(3)));
            if (endless) for (;;) made.shape.length = 4;
            return made;
          },
          image,
          "guided",
        ),
      );
      const holder = globalThis as { interruptedWork?: () => void };
      holder.interruptedWork = () => compiled(x);
      expect(() => vm.runInThisContext("interruptedWork()", { timeout: 100 })).to.throw(/timed out/);
      delete holder.interruptedWork;
      // Else this test would prove nothing.
      expect(recorderState().recorder).not.to.equal(undefined);
      resetBackendState();
      expect(recorderState().recorder).to.equal(undefined);
      expect(tf.memory().numTensors).to.equal(numTensors);
      expect(counts().handles).to.equal(handles);
      expect(Array.from(x.dataSync())[0]).to.equal(1);
      endless = false;
      for (let call = 0; call < 4; call++) expect(tf.tidy(() => compiled(x).dataSync()[0])).to.equal(3);
      expect(compiled.graphs[0].runs).to.equal("compiled");
      compiled.dispose();
      x.dispose();
    });

    it("is used on after another backend was in use meanwhile", async () => {
      const weight = tf.scalar(2),
        compiled = compile((x: tf.Tensor) => tf.mul(x, weight)),
        x = tf.scalar(3);
      const value = (): number => tf.tidy(() => compiled(x).dataSync()[0]);
      for (let call = 0; call < 3; call++) expect(value()).to.equal(6);
      await tf.setBackend("cpu");
      expect(value()).to.equal(6);
      await tf.setBackend("tensorflow");
      for (let call = 0; call < 3; call++) expect(value()).to.equal(6);
      expect(compiled.graphs[0].runs).to.equal("compiled");
      compiled.dispose();
      tf.dispose([x, weight]);
    });
  }, ["tensorflow"]);
});
