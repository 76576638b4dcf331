import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { occlusion } from "../../../lib/attribution/occlusion";
import { InterruptedError } from "../../../lib/core/errors";
import { fromLayersModel } from "../../../lib/model/adapters";
import type { Model } from "../../../lib/model/vision-model";
import { recordingFilm } from "../../../lib/plot/film/recording-film";
import { textHighlights } from "../../../lib/plot/text-highlights";
import { integrateOverTraining } from "../../../lib/training/integrate-over-training";
import { recordTraining } from "../../../lib/training/record-training";
import { openRecording } from "../../../lib/training/recording/training-recording";
import { train } from "../../../lib/training/train";
import { random } from "../../../lib/core/random";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";
import { weightsOf } from "../../helpers/spots";

const steps = 5,
  kinds = 6,
  size = 3,
  hidden = 4;
const settings = { epochs: 2, batchSize: 8, learningRate: 0.05, seed: 3 };

/** Words of five letters from 1 to 5: class 1 where a 2 comes before a 3. 0 is unreadable. */
function words(count: number, seed: number): { rows: number[][]; labels: number[] } {
  const source = random(seed),
    rows = Array.from({ length: count }, () => Array.from({ length: steps }, () => 1 + source.integer(kinds - 1)));
  return { rows, labels: rows.map((row) => Number(row.some((letter, i) => letter === 2 && row[i + 1] === 3))) };
}
const learnt = words(40, 1),
  looked = words(3, 9);

const start = (seed: number) => tf.initializers.glorotUniform({ seed });
const network = (): tf.LayersModel =>
  tf.sequential({
    layers: [
      tf.layers.embedding({
        inputDim: kinds,
        outputDim: size,
        inputLength: steps,
        embeddingsInitializer: tf.initializers.randomUniform({ minval: -1, maxval: 1, seed: 1 }),
      }),
      tf.layers.flatten(),
      tf.layers.dense({ units: hidden, activation: "tanh", kernelInitializer: start(2) }),
      tf.layers.dense({ name: "logits", units: 2, kernelInitializer: start(3) }),
      tf.layers.softmax(),
    ],
  });

/** The same network in plain numbers, from its weights: no tensors. */
class Slow {
  constructor(private readonly weights: readonly (readonly number[])[]) {}

  vectors(row: readonly number[]): number[] {
    return row.flatMap((token) => this.weights[0].slice(token * size, (token + 1) * size));
  }

  logit(row: readonly number[], label: number): number {
    return this.states(row).reduce(
      (sum, state, h) => sum + state * this.weights[3][2 * h + label],
      this.weights[4][label],
    );
  }

  /** ∂ logit / ∂ vectors by the chain rule. */
  gradient(row: readonly number[], label: number): number[] {
    const slopes = this.states(row).map((state, h) => (1 - state * state) * this.weights[3][2 * h + label]);
    return Array.from({ length: steps * size }, (_, at) =>
      slopes.reduce((sum, slope, h) => sum + slope * this.weights[1][at * hidden + h], 0),
    );
  }

  /** How far the logit falls when one letter cannot be read. */
  covered(row: readonly number[], label: number): number[] {
    return row.map(
      (_, at) =>
        this.logit(row, label) -
        this.logit(
          row.map((token, i) => (i === at ? 0 : token)),
          label,
        ),
    );
  }

  private states(row: readonly number[]): number[] {
    const vectors = this.vectors(row);
    return Array.from({ length: hidden }, (_, h) =>
      Math.tanh(vectors.reduce((sum, value, at) => sum + value * this.weights[1][at * hidden + h], this.weights[2][h])),
    );
  }
}

function close(got: ArrayLike<number>, wanted: readonly number[], what: string): void {
  const largest = Math.max(...wanted.map(Math.abs));
  expect(largest, what).to.be.above(0.1);
  expect(got.length, what).to.equal(wanted.length);
  wanted.forEach((value, i) => expect(got[i], `${what}, ${i}`).to.be.closeTo(value, 2e-5 * largest));
}

forEachBackend((backend) =>
  describe("a training on tokens", () => {
    let folder: string, data: { inputs: tf.Tensor; labels: number[] }, images: { inputs: tf.Tensor; labels: number[] };
    before(() => {
      folder = mkdtempSync(path.join(tmpdir(), `vitrine-tokens-${backend}-`));
      data = { inputs: tf.tensor2d(learnt.rows, undefined, "int32"), labels: learnt.labels };
      images = { inputs: tf.tensor2d(looked.rows, undefined, "int32"), labels: looked.labels };
    });
    after(() => {
      tf.dispose([data.inputs, images.inputs]);
      rmSync(folder, { recursive: true });
    });

    /** The network at every moment of a training that nobody looks at. */
    async function moments(): Promise<{ all: Slow[]; weights: number[] }> {
      const copy = network(),
        all: Slow[] = [];
      await train(
        copy,
        { pixels: Float32Array.from(learnt.rows.flat()), labels: learnt.labels, shape: [steps] },
        {
          ...settings,
          onMinibatch: () => {
            all.push(new Slow(copy.getWeights().map((weight) => Array.from(weight.dataSync()))));
          },
        },
      );
      const weights = weightsOf(copy);
      copy.dispose();
      return { all, weights };
    }

    it("is integrated at the tokens' vectors, as slow sums: of gradients, of vector × gradient", async () => {
      const { all, weights } = await moments();
      expect(all).to.have.length(11);
      for (const of of ["gradient", "input-x-gradient"] as const) {
        const trained = network();
        const sum = await integrateOverTraining(trained, data, { ...settings, images, of });
        const wanted = looked.rows.flatMap((row, i) =>
          all
            .map((moment) => {
              const vectors = moment.vectors(row);
              return moment
                .gradient(row, looked.labels[i])
                .map((slope, at) => (of === "gradient" ? slope : slope * vectors[at]));
            })
            .reduce((a, b) => a.map((value, at) => value + b[at])),
        );
        expect(sum.values.shape).to.deep.equal([3, steps, size]);
        expect(sum.options).to.deep.equal({ target: looked.labels, terms: 11, of });
        close(sum.values.dataSync(), wanted, of);
        expect(weightsOf(trained), "trained as ever").to.deep.equal(weights);
        const drawn = await textHighlights(
          looked.rows.map((row) => row.map(String)),
          { sum },
        );
        expect(drawn.data).to.have.length.above(0);
        sum.dispose();
        trained.dispose();
      }
    });

    it("is recorded: gradients at the vectors, occlusion letter by letter, and both summed", async () => {
      const { all } = await moments(),
        schedule = [0, 4, 10];
      const record = (method: string, methodOptions = {}) =>
        recordTraining(network(), data, {
          ...settings,
          folder: path.join(folder, method),
          images,
          schedule,
          method,
          methodOptions,
        });
      const product = await record("input-x-gradient"),
        falls = await record("occlusion", { window: 1, stride: 1, baseline: 0 });
      expect(product.header.imageShape).to.deep.equal([3, steps]);
      expect(product.header.mapShape).to.deep.equal([3, steps, size]);
      expect(falls.header.mapShape).to.deep.equal([3, steps]);
      const again = await openRecording<tf.Tensor>(product.folder),
        inputs = await again.images();
      expect(inputs.arraySync()).to.deep.equal(looked.rows);
      const sums = new Array<number>(3 * steps * size).fill(0);
      for (const [frame, step] of schedule.entries()) {
        const each = looked.rows.map((row, i) => {
          const vectors = all[step].vectors(row);
          return all[step].gradient(row, looked.labels[i]).map((slope, at) => slope * vectors[at]);
        });
        each.flat().forEach((value, at) => {
          sums[at] += value;
        });
        const { attributions } = await again.readFrame(frame);
        close(attributions.values.dataSync(), each.flat(), `product at ${step}`);
        const covered = await falls.readFrame(frame);
        close(
          covered.attributions.values.dataSync(),
          looked.rows.flatMap((row, i) => all[step].covered(row, looked.labels[i])),
          `occlusion at ${step}`,
        );
        attributions.dispose();
        covered.attributions.dispose();
      }
      const second = await falls.attributionsOf(1),
        total = await integrateOverTraining(again);
      expect(second.shape).to.deep.equal([3, steps]);
      close(total.values.dataSync(), sums, "sum");
      expect(total.options).to.deep.equal({ target: looked.labels, terms: 3, of: "input-x-gradient" });
      tf.dispose([inputs, second]);
      total.dispose();
    });

    it("goes on after an interruption as if there had been none, bit for bit", async () => {
      const whole = network(),
        options = { ...settings, images, schedule: { every: 2 } };
      const recording = await recordTraining(whole, data, { ...options, folder: path.join(folder, "whole") });
      const stop = new AbortController(),
        part = path.join(folder, "part");
      let failure: unknown;
      await recordTraining(network(), data, {
        ...options,
        folder: part,
        signal: stop.signal,
        onProgress: ({ done }) => {
          if (done === 7) stop.abort();
        },
      }).catch((error: unknown) => {
        failure = error;
      });
      expect(failure).to.be.instanceOf(InterruptedError);
      const resumed = network();
      await recordTraining(resumed, data, { ...options, folder: part });
      expect(weightsOf(resumed)).to.deep.equal(weightsOf(whole));
      expect(
        readFileSync(path.join(part, "frames.bin")).equals(readFileSync(path.join(recording.folder, "frames.bin"))),
      ).to.equal(true);
    });

    it("leaves nothing but the sum", async () => {
      const model = network();
      expect(
        await tensorsLeft(async () =>
          (await integrateOverTraining(model, data, { ...settings, images, schedule: { every: 5 } })).dispose(),
        ),
      ).to.equal(0);
      const cover = fromLayersModel<Model>(model);
      expect(
        await tensorsLeft(async () =>
          (await occlusion(cover, images.inputs, { target: images.labels, window: 1, stride: 1 })).dispose(),
        ),
      ).to.equal(0);
    });
  }),
);

describe("a training on inputs that are no images", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "vitrine-no-images-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("is recorded for series, too", async () => {
    const source = random(4),
      inputs = tf.tensor3d(
        Float32Array.from({ length: 12 * 8 }, () => source.uniform()),
        [12, 4, 2],
      ),
      labels = Array.from({ length: 12 }, (_, i) => i % 2);
    const model = tf.sequential({
      layers: [
        tf.layers.flatten({ inputShape: [4, 2] }),
        tf.layers.dense({ name: "logits", units: 2, kernelInitializer: start(1) }),
        tf.layers.softmax(),
      ],
    });
    const recording = await recordTraining(
      model,
      { inputs, labels },
      {
        epochs: 1,
        batchSize: 4,
        folder: path.join(folder, "series"),
        images: { inputs: inputs.slice(0, 2), labels: [0, 1] },
        method: "saliency",
        schedule: [3],
      },
    );
    const { attributions } = await recording.readFrame(0),
      kernel = model.getWeights()[0].arraySync() as number[][];
    expect(attributions.values.shape).to.deep.equal([2, 4, 2]);
    close(
      attributions.values.dataSync(),
      [0, 1].flatMap((label) => kernel.map((row) => row[label])),
      "a linear network's gradient",
    );
  });

  it("refuses in one line what only pictures can have", async () => {
    const inputs = tf.tensor2d(learnt.rows, undefined, "int32"),
      data = { inputs, labels: learnt.labels },
      images = { inputs, labels: learnt.labels };
    const cases: [Promise<unknown>, RegExp][] = [
      [
        integrateOverTraining(network(), data, { ...settings, images, augment: { flip: true } }),
        /^augment is .*; allowed: nothing for .*, whose inputs \[5\] are no pictures/,
      ],
      [
        integrateOverTraining(network(), data, { ...settings, images, adversarial: { epsilon: 0.1 } }),
        /^adversarial is .*are no pictures/,
      ],
      [
        integrateOverTraining(network(), data, { ...settings, images, of: "saliency" as never }),
        /^of is "saliency"; allowed: gradient, input-x-gradient/,
      ],
      [
        integrateOverTraining(network(), { labels: [1] } as never, { ...settings, images }),
        /^data is .*; allowed: \{ images, labels \}.* or \{ pixels, labels, shape \}/,
      ],
      [
        integrateOverTraining(network(), data, { ...settings, images: inputs as never }),
        /^images is .*; allowed: \{ images, labels \}.* or \{ inputs, labels \} of any shape/,
      ],
      [
        integrateOverTraining(network(), { ...data, inputs: inputs.slice([0, 0], [40, 4]) }, { ...settings, images }),
        /^the shape of data\.inputs is \[40, 4\]; allowed: \[5\] or \[batch, 5\]/,
      ],
    ];
    for (const [work, message] of cases) {
      let failure: Error | undefined;
      await work.catch((error: Error) => {
        failure = error;
      });
      expect(failure?.message).to.match(message);
    }
    const recording = await recordTraining(network(), data, { ...settings, folder: path.join(folder, "film"), images });
    let failure: Error | undefined;
    await recordingFilm(recording as never).catch((error: Error) => {
      failure = error;
    });
    expect(failure?.message).to.match(/^recording is "of inputs \[5\]"; allowed: one of images\. textHighlights/);
  });
});
