import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { gradCam } from "../../../lib/attribution/grad-cam";
import { inputXGradient } from "../../../lib/attribution/input-x-gradient";
import { ready } from "../../../lib/backend";
import { InterruptedError } from "../../../lib/core/errors";
import { fromLayersModel } from "../../../lib/model/adapters";
import { recordTraining, type RecordTrainingOptions } from "../../../lib/training/record-training";
import { openRecording } from "../../../lib/training/recording/training-recording";
import { train } from "../../../lib/training/train";
import { spotNetwork, spots, weightsOf } from "../../helpers/spots";

const data = spots(96, 1),
  looked = spots(3, 9);
const settings = { epochs: 2, batchSize: 16, learningRate: 0.02, augment: { shift: 1 }, seed: 3 };

describe("recordTraining", () => {
  let folder: string, images: tf.Tensor4D, options: RecordTrainingOptions;
  before(async () => {
    await ready();
    images = tf.tensor4d(looked.pixels, [3, 6, 6, 1]);
  });
  after(() => images.dispose());
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "vitrine-record-"));
    options = { ...settings, folder, images: { images, labels: Array.from(looked.labels) }, schedule: { every: 5 } };
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const bytesOf = (name: string): Buffer => readFileSync(path.join(folder, name));

  it("trains as without recording, bit for bit", async () => {
    const plain = spotNetwork(),
      recorded = spotNetwork();
    await train(plain, data, settings);
    await recordTraining(recorded, data, { ...options, schedule: { every: 1 } });
    expect(weightsOf(recorded)).to.deep.equal(weightsOf(plain));
  });

  it("records what the method gives on the weights of each moment", async () => {
    const weights = new Map<number, tf.Tensor[]>(),
      means = new Map<number, number[]>(),
      copy = spotNetwork();
    await train(copy, data, {
      ...settings,
      onMinibatch: ({ done, loss, accuracy }) => {
        weights.set(
          done,
          copy.getWeights().map((weight) => weight.clone()),
        );
        means.set(done, [loss, accuracy]);
      },
    });
    const recording = await recordTraining(spotNetwork(), data, options);
    expect(recording.steps).to.deep.equal([0, 5, 10, 12]);
    expect(recording.frames).to.equal(4);
    expect(recording.complete).to.equal(true);
    const vision = fromLayersModel(copy),
      summaries = await recording.summaries();
    for (let i = 0; i < recording.frames; i++) {
      const frame = await recording.readFrame(i);
      copy.setWeights(weights.get(frame.step)!);
      const maps = await inputXGradient(vision, images, { target: Array.from(looked.labels) }),
        probabilities = vision.probabilities(images);
      expect(Array.from(frame.attributions.values.dataSync())).to.deep.equal(Array.from(maps.values.dataSync()));
      expect(frame.attributions.target).to.deep.equal(Array.from(looked.labels));
      expect(frame.probabilities).to.deep.equal(probabilities.arraySync());
      expect(frame.epoch).to.equal(frame.step / 6);
      const [loss, accuracy] = means.get(frame.step)!.map(Math.fround);
      expect([frame.loss, frame.accuracy]).to.deep.equal([loss, accuracy]);
      expect(frame.predictions.map(({ index }) => index)).to.deep.equal(
        frame.probabilities.map((row) => row.indexOf(Math.max(...row))),
      );
      const { attributions, ...summary } = frame;
      expect(summaries[i]).to.deep.equal(summary);
      attributions.dispose();
      maps.dispose();
      probabilities.dispose();
    }
    const second = await recording.attributionsOf(1),
      { attributions } = await recording.readFrame(2);
    expect(second.shape).to.deep.equal([4, 6, 6, 1]);
    expect(Array.from(second.slice(2, 1).dataSync())).to.deep.equal(
      Array.from(attributions.values.slice(1, 1).dataSync()),
    );
    weights.forEach((tensors) => tf.dispose(tensors));
    tf.dispose([second, attributions.values]);
  });

  it("records a layer method in that layer's shape, and what is predicted where no labels are known", async () => {
    const recording = await recordTraining(spotNetwork(), data, {
      ...options,
      images: { images },
      epochs: 1,
      method: "gradCam",
      methodOptions: { layer: "conv" },
      schedule: [3],
    });
    const { attributions, predictions } = await recording.readFrame(0);
    expect(recording.header.method).to.equal("grad-cam");
    expect(attributions.target).to.deep.equal(predictions.map(({ index }) => index));
    const fresh = spotNetwork(),
      own = await gradCam(fromLayersModel(fresh), images, { layer: "conv" });
    expect(attributions.values.shape).to.deep.equal(own.values.shape);
    attributions.dispose();
    own.dispose();
  });

  it("goes on after an interruption: recording and weights are an uninterrupted run's, bit for bit", async () => {
    const whole = spotNetwork(),
      every = { ...options, schedule: { every: 2 } };
    await recordTraining(whole, data, every);
    const frames = bytesOf("frames.bin");
    for (const stopAt of [1, 5, 6, 8, 11]) {
      const stop = new AbortController();
      let failure: unknown;
      await recordTraining(spotNetwork(), data, {
        ...every,
        resume: false,
        signal: stop.signal,
        onProgress: ({ done }) => {
          if (done === stopAt) stop.abort();
        },
      }).catch((error: unknown) => {
        failure = error;
      });
      expect(failure).to.be.instanceOf(InterruptedError);
      const part = await openRecording(folder);
      expect(part.complete).to.equal(false);
      expect(part.frames).to.equal(1 + Math.floor((stopAt - 1) / 2));
      const resumed = spotNetwork();
      await recordTraining(resumed, data, every);
      expect(weightsOf(resumed)).to.deep.equal(weightsOf(whole));
      expect(bytesOf("frames.bin").equals(frames)).to.equal(true);
    }
    const again = spotNetwork();
    await recordTraining(again, data, every);
    expect(weightsOf(again), "a run that is done gives its weights again").to.deep.equal(weightsOf(whole));
  });

  it("goes on from the last whole epoch after the process was killed", async () => {
    const whole = spotNetwork();
    await recordTraining(whole, data, options);
    const frames = bytesOf("frames.bin");
    let state: Buffer | undefined;
    await recordTraining(spotNetwork(), data, {
      ...options,
      resume: false,
      onMinibatch: undefined,
      onStep: ({ done }) => {
        if (done === 9) state = bytesOf("state.bin");
      },
      reportEvery: 3,
    } as RecordTrainingOptions);
    writeFileSync(path.join(folder, "state.bin"), state!);
    truncateSync(path.join(folder, "frames.bin"), Math.floor(2.4 * (frames.length / 4)));
    const resumed = spotNetwork();
    await recordTraining(resumed, data, options);
    expect(weightsOf(resumed)).to.deep.equal(weightsOf(whole));
    expect(bytesOf("frames.bin").equals(frames)).to.equal(true);
  });

  it("is readable to its last whole frame, wherever it was cut off or torn", async () => {
    const recording = await recordTraining(spotNetwork(), data, options),
      file = path.join(folder, "frames.bin");
    const whole = bytesOf("frames.bin"),
      size = whole.length / 4,
      { step } = await recording.readRaw(2);
    for (const [bytes, frames] of [
      [whole.length - 1, 3],
      [3 * size, 3],
      [2 * size + 7, 2],
      [size - 1, 0],
      [0, 0],
    ]) {
      truncateSync(file, bytes);
      const part = await openRecording(folder);
      expect(part.frames, `${bytes} bytes`).to.equal(frames);
      if (frames === 3) expect((await part.readRaw(2)).step).to.equal(step);
      writeFileSync(file, whole);
    }
    // A frame whose blocks never reached the disk.
    writeFileSync(file, Buffer.concat([whole.subarray(0, 3 * size), Buffer.alloc(size)]));
    expect((await openRecording(folder)).frames).to.equal(3);
    const damaged = Buffer.from(whole);
    damaged[size + 40] ^= 1;
    writeFileSync(file, damaged);
    await rejects(
      (await openRecording(folder)).readFrame(1),
      /frames\.bin is damaged: frame 1 does not have its checksum/,
    );
  });

  it("says in one line that the disk is full, and leaves what there is readable", async () => {
    await recordTraining(spotNetwork(), data, options);
    const frames = bytesOf("frames.bin"),
      handle = await open(path.join(folder, "frames.bin"));
    const prototype = Object.getPrototypeOf(handle) as {
        write: (...args: unknown[]) => Promise<{ bytesWritten: number }>;
      },
      write = prototype.write;
    await handle.close();
    let room = 2.5 * (frames.length / 4);
    prototype.write = function (buffer, offset, length, position) {
      if (room <= 0) return Promise.reject(Object.assign(new Error("no space left on device"), { code: "ENOSPC" }));
      const fits = Math.min(length as number, Math.floor(room));
      room -= fits;
      return write.call(this, buffer, offset, fits, position);
    };
    try {
      await rejects(
        recordTraining(spotNetwork(), data, { ...options, resume: false }),
        /frames\.bin takes no frame after the 2th: the disk is full\. The frames so far can be read.*it goes on\.$/,
      );
    } finally {
      prototype.write = write;
    }
    expect(bytesOf("frames.bin").length).to.equal(frames.length / 2);
    expect((await openRecording(folder)).frames).to.equal(2);
    await recordTraining(spotNetwork(), data, options);
    expect(bytesOf("frames.bin").equals(frames)).to.equal(true);
  });

  it("refuses a folder with another recording, and replaces it when told to", async () => {
    await recordTraining(spotNetwork(), data, { ...options, epochs: 1 });
    const other = { ...options, epochs: 1, method: "saliency" };
    await rejects(
      recordTraining(spotNetwork(), data, other),
      /^folder is ".*"; allowed: one without a recording, or with one of this run; it has input-x-gradient of 3 images.*resume: false to replace it\.$/,
    );
    await rejects(recordTraining(spotNetwork(), spots(96, 2), { ...options, epochs: 1 }), /^folder is/);
    expect((await recordTraining(spotNetwork(), data, { ...other, resume: false })).header.method).to.equal("saliency");
  });

  it("names what cannot be, before anything is trained or written", async () => {
    const model = spotNetwork(),
      weights = weightsOf(model),
      wrong = (change: Partial<RecordTrainingOptions>) => recordTraining(model, data, { ...options, ...change });
    rmSync(folder, { recursive: true });
    await rejects(wrong({ schedule: [] }), /^schedule is \[\]; allowed: at least one of the integers from 0 to 12/);
    await rejects(wrong({ schedule: [3, 13] }), /^schedule is 13; allowed: integers from 0 to 12/);
    await rejects(wrong({ schedule: { every: 0 } }), /^schedule is \{"every":0\}/);
    await rejects(
      wrong({ schedule: () => false }),
      /^schedule is a function.*true for at least one of the minibatches 0 to 12/,
    );
    await rejects(
      wrong({ method: "salience" }),
      /^method is "salience"; allowed: the name of an attribution method\. Did you mean saliency/,
    );
    await rejects(wrong({ method: "occlusion" }), /^window is undefined/);
    const small = tf.zeros([2, 5, 6, 1]) as tf.Tensor4D;
    await rejects(wrong({ images: { images: small } }), /^the shape of images is \[2, 5, 6, 1\]; allowed: \[6, 6, 1\]/);
    small.dispose();
    await rejects(wrong({ images: { images, labels: [0, 1] } }), /^the number of images\.labels is 2; allowed: 3/);
    await rejects(
      wrong({ images: { images, labels: [0, 1, 2] } }),
      /^images\.labels\[2\] is 2; allowed: a class index from 0 to 1/,
    );
    await rejects(wrong({ epochs: 0 }), /^epochs is 0/);
    await rejects(wrong({ batchSize: -1 }), /^batchSize is -1/);
    await rejects(wrong({ folder: "" }), /^folder is ""/);
    await rejects(recordTraining(model, { ...data, labels: [1] }, options), /^the number of labels is 1; allowed: 96/);
    await rejects(openRecording(folder), /holds no recording\. recordTraining makes one\.$/);
    expect(existsSync(folder)).to.equal(false);
    expect(weightsOf(model)).to.deep.equal(weights);
    writeFileSync(folder, "a file");
    await rejects(wrong({}), /cannot be written/);
  });

  it("leaves no tensors behind, however it ends", async () => {
    const models = Array.from({ length: 4 }, spotNetwork);
    await recordTraining(models[0], data, options);
    const tensors = tf.memory().numTensors;
    await recordTraining(models[1], data, { ...options, resume: false });
    await recordTraining(models[1], data, options);
    const stop = new AbortController();
    await recordTraining(models[2], data, {
      ...options,
      resume: false,
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done === 4) stop.abort();
      },
    }).catch(() => undefined);
    await recordTraining(models[3], data, { ...options, schedule: [] }).catch(() => undefined);
    expect(tf.memory().numTensors).to.equal(tensors);
  });
});

async function rejects(work: Promise<unknown>, message: RegExp): Promise<void> {
  let failure: Error | undefined;
  await work.catch((error: Error) => {
    failure = error;
  });
  expect(failure?.message).to.match(message);
  expect(failure?.message).not.to.contain("\n");
}
