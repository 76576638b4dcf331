import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "../../../lib/backend";
import { evaluate } from "../../../lib/training/model-card";
import { train, type TrainOptions } from "../../../lib/training/train";
import { spotNetwork as network, spots } from "../../helpers/spots";

describe("train", () => {
  const data = spots(200, 1),
    options: TrainOptions = { epochs: 4, batchSize: 16, learningRate: 0.02, augment: { shift: 1 }, seed: 3 };
  let folder: string;
  before(() => ready());
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "vitrine-train-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("learns what can be learnt, measured on pictures it has not seen", async () => {
    const model = network(),
      test = spots(200, 2);
    const before = await evaluate(model, test);
    await train(model, data, { ...options, epochs: 8, augment: {} });
    const after = await evaluate(model, test);
    expect(before.accuracy).to.be.below(0.75);
    expect(after.accuracy).to.be.above(0.95);
    expect(after.loss).to.be.below(before.loss);
    expect(after.confusion.flat().reduce((a, b) => a + b)).to.equal(200);
    // A row for each label, a column for what the network says.
    const rows = before.confusion.map((row) => row.reduce((a, b) => a + b));
    expect(rows).to.deep.equal(rows.map((_, label) => Array.from(test.labels).filter((each) => each === label).length));
  });

  it("says how many of a minibatch are right, also of one that is not full", async () => {
    const model = network(),
      few = spots(20, 5),
      { accuracy } = await evaluate(model, few),
      told: number[] = [];
    await train(model, few, {
      epochs: 1,
      batchSize: 64,
      augment: {},
      onMinibatch: (at) => void told.push(at.accuracy),
    });
    // It is told before the first one, too, when nothing is known yet.
    expect(told).to.have.length(2);
    expect(told[1]).to.be.closeTo(accuracy, 1e-6).and.above(0);
  });

  it("refuses the state of another run, and one that cannot be read, by name", async () => {
    await train(network(), data, { ...options, epochs: 1, checkpointDir: folder });
    await rejects(
      train(network(), data, { ...options, epochs: 2, checkpointDir: folder }),
      /the state of another run.*Delete the folder/,
    );
    writeFileSync(path.join(folder, "state.bin"), "not a state");
    await rejects(
      train(network(), data, { ...options, epochs: 1, checkpointDir: folder }),
      /state\.bin is .*cannot be read/,
    );
  });

  it("names options out of range", async () => {
    await rejects(train(network(), data, { epochs: 0 }), /^epochs is 0; allowed: an integer ≥ 1/);
    await rejects(train(network(), data, { epochs: 1, batchSize: 0 }), /^batchSize is 0/);
    await rejects(train(network(), data, { epochs: 1, learningRate: NaN }), /^learningRate is NaN/);
    for (const [augment, message] of [
      [{ flip: 1 }, /^augment\.flip is 1/],
      [{ shift: -1 }, /^augment\.shift is -1/],
      [{ crop: 0 }, /^augment\.crop is 0/],
      [{ colour: 30 }, /^augment\.colour is 30/],
    ] as const) {
      await rejects(train(network(), data, { epochs: 1, augment: augment as never }), message);
    }
  });

  it("leaves no tensors behind, interrupted or not", async () => {
    const model = network();
    await train(model, data, { ...options, epochs: 1, checkpointDir: folder });
    const tensors = tf.memory().numTensors;
    rmSync(folder, { recursive: true });
    await train(model, data, { ...options, epochs: 1, checkpointDir: folder });
    await train(model, data, { ...options, epochs: 1, checkpointDir: folder });
    await train(model, data, { ...options, signal: AbortSignal.abort() }).catch(() => undefined);
    expect(tf.memory().numTensors).to.equal(tensors);
  });
});

async function rejects(work: Promise<unknown>, message: RegExp): Promise<void> {
  let failure: Error | undefined;
  await work.catch((error: Error) => {
    failure = error;
  });
  expect(failure?.message).to.match(message);
}
