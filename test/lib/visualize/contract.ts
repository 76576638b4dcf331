import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import type { ProgressReport } from "../../../lib/runtime/progress";
import { BadInputError, InterruptedError } from "../../../lib/core/errors";
import type { VisionModel } from "../../../lib/model/vision-model";
import {
  classVisualization,
  lastVisualization,
  maximize,
  objectives,
  parametrizations,
  regularizers,
  transforms,
  type ClassVisualization,
  type Visualization,
  type VisualizeOptions,
} from "../../../lib/visualize";
import { tensorsLeft } from "../../helpers/backends";
import { relativeError } from "../../helpers/finite-difference";
import { tinyImages, tinyModel, tinyPixelsOf, tinyWeights } from "../../helpers/tiny-model";

const model: VisionModel = { ...tinyModel(tinyWeights("relu")), normalization: { mean: [0.4, 0.5], std: [0.2, 0.3] } };
type Options = VisualizeOptions & Record<string, unknown>;
const objective = objectives.logit(["bee", "Cat", 0]);

const runs: Record<string, (options?: Options, on?: VisionModel) => Promise<Visualization>> = {
  classVisualization: (options, on = model) =>
    classVisualization(on, ["bee", "Cat", 0], { iterations: 5, learningRate: 1, jitter: 2, blurEvery: 2, ...options }),
  "maximize with Adam": (options, on = model) =>
    maximize(on, objective, {
      iterations: 5,
      parametrization: parametrizations.pixels(),
      transforms: [transforms.pad(1), transforms.jitter(2), transforms.rotate(-9, 9)],
      regularizers: [regularizers.l2(1e-3), regularizers.diversity(0.1, "act1")],
      ...options,
    }),
  "maximize with normalised steps of a spectrum": (options, on = model) =>
    maximize(on, objective, {
      iterations: 5,
      optimizer: "ascent",
      parametrization: parametrizations.fourier({ decorrelate: false }),
      ...options,
    }),
};
const failure = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => {
      throw new Error("It was accepted.");
    },
    (error: Error) => error,
  );

/** What every visualization promises, described on the backend as it is. */
export function visualizationContract(): void {
  for (const [name, run] of Object.entries(runs)) {
    describe(`${name}, contract`, () => {
      it("returns images in the bounds, a score per iteration and image, and the snapshots asked for", async () => {
        const seen: number[] = [];
        const result = await run({
          snapshots: [5, 0, 2, 2],
          onSnapshot: ({ iteration, image }: { iteration: number; image: tf.Tensor }) => {
            expect(image.isDisposed).to.equal(false);
            seen.push(iteration);
          },
        });
        expect(result.image.shape).to.deep.equal([3, 6, 5, 2]);
        for (const value of result.image.dataSync()) expect(value).to.be.within(0, 1);
        expect(result.scores.map((row) => row.length)).to.deep.equal([3, 3, 3, 3, 3]);
        expect(result.snapshots.map(({ iteration }) => iteration)).to.deep.equal([0, 2, 5]);
        expect(seen).to.deep.equal([0, 2, 5]);
        expect(result.snapshots[2].image.dataSync()).to.deep.equal(result.image.dataSync());
        expect(relativeError(result.snapshots[0].image.dataSync(), result.image.dataSync())).to.be.above(1e-3);
        result.dispose();
        expect(result.snapshots.every(({ image }) => image.isDisposed)).to.equal(true);
      });

      it("makes the objective larger", async () => {
        // Rolled by two of five pixels, so small an image would be another one.
        const still = name === "classVisualization" ? { jitter: 0, blurEvery: 0 } : { transforms: [] };
        const result = await run({ iterations: 40, ...still });
        const logits = tf.tidy(() => model.logits(result.image).arraySync() as number[][]);
        [1, 3, 0].forEach((target, i) => expect(logits[i][target], `image ${i}`).to.be.above(result.scores[0][i]));
        result.dispose();
      });

      it("a run in two parts is the same as in one", async () => {
        if (name !== "classVisualization") return;
        for (const step of ["normalized", "plain", "accumulated"]) {
          const whole = await run({ iterations: 7, step }),
            begun = (await run({ iterations: 4, step })) as ClassVisualization;
          const ended = await run({ iterations: 3, step, from: begun.state });
          expect(ended.image.dataSync()).to.deep.equal(whole.image.dataSync());
          expect([...begun.scores, ...ended.scores]).to.deep.equal(whole.scores);
          [whole, begun, ended].forEach((each) => each.dispose());
        }
      });

      it("a seed repeats a run, another seed does not", async () => {
        const images = [];
        for (const seed of [4, 4, 5]) {
          const result = await run({ seed });
          images.push(result.image.dataSync());
          result.dispose();
        }
        expect(relativeError(images[1], images[0])).to.be.below(1e-6);
        expect(relativeError(images[2], images[0])).to.be.above(1e-2);
      });

      it("leaves behind what it returns and nothing else", async () => {
        expect(await tensorsLeft(() => run({ snapshots: [1, 3] }))).to.equal(3);
        expect(await tensorsLeft(async () => (await run({ snapshots: [1, 3] })).dispose())).to.equal(0);
      });

      it("leaves nothing behind when the model throws halfway", async () => {
        let passes = 0;
        const breaking = <T>(value: T): T => {
          if (++passes > 4) throw new Error("the model broke");
          return value;
        };
        const failing: VisionModel = {
          ...model,
          logits: (x, tap) => breaking(model.logits(x, tap)),
          activations: (x, layer) => breaking(model.activations(x, layer)),
        };
        expect(
          await tensorsLeft(async () =>
            expect((await failure(run({ snapshots: [0, 1], iterations: 20 }, failing))).message).to.equal(
              "the model broke",
            ),
          ),
        ).to.equal(0);
      });

      it("stops at a signal, leaves nothing behind, and has its best images still", async () => {
        const controller = new AbortController(),
          scores: number[][] = [];
        const onProgress = ({ done }: ProgressReport): void => {
          if (done === 7) controller.abort();
        };
        const error = await (async () => {
          let thrown: Error | undefined;
          expect(
            await tensorsLeft(async () => {
              thrown = await failure(run({ iterations: 50, snapshots: [0, 3], signal: controller.signal, onProgress }));
            }),
          ).to.equal(0);
          return thrown!;
        })();
        expect(error).to.be.instanceOf(InterruptedError);
        expect(error.message).to.match(/^Interrupted after 7 of 50 iterations\. lastVisualization\(\)/);
        const best = lastVisualization()!;
        expect(best.done).to.equal(7);
        expect(best.image.shape).to.deep.equal([3, 6, 5, 2]);
        const whole = await run({ iterations: 7, snapshots: [0, 1, 2, 3, 4, 5, 6] });
        scores.push(...(whole.scores as number[][]));
        for (let i = 0; i < 3; i++) {
          const top = Math.max(...scores.map((row) => row[i]));
          expect(best.scores[i]).to.be.closeTo(top, 1e-4);
          const kept = whole.snapshots[best.iterations[i]].image.slice([i], [1]),
            mine = best.image.slice([i], [1]);
          expect(relativeError(mine.dataSync(), kept.dataSync())).to.be.below(1e-5);
          tf.dispose([kept, mine]);
        }
        best.image.dispose();
        whole.dispose();
      });

      it("begins with a given image, one for all or one for each", async () => {
        const images = tinyImages(tinyPixelsOf(3)),
          one = tf.tidy(() => images.slice([1], [1]).squeeze([0]) as tf.Tensor3D);
        const [each, same] = [
          await run({ initImage: images, snapshots: [0] }),
          await run({ initImage: one, snapshots: [0] }),
        ];
        expect(relativeError(each.snapshots[0].image.dataSync(), images.dataSync())).to.be.below(1e-4);
        for (let i = 0; i < 3; i++) {
          const start = tf.tidy(() => tf.keep(same.snapshots[0].image.slice([i], [1])));
          expect(relativeError(start.dataSync(), one.dataSync())).to.be.below(1e-4);
          start.dispose();
        }
        each.dispose();
        same.dispose();
        tf.dispose([images, one]);
      });

      it("reports every iteration, with its scores in words", async () => {
        const reports: ProgressReport[] = [];
        (await run({ onProgress: (report: ProgressReport) => reports.push(report) })).dispose();
        expect(reports.map(({ done, total }) => [done, total])).to.deep.equal([1, 2, 3, 4, 5].map((done) => [done, 5]));
        expect(reports[4].note).to.match(/^scores -?[\d.e+-]+, -?[\d.e+-]+, -?[\d.e+-]+$/);
      });

      const bad: [string, Options, RegExp][] = [
        ["no iterations", { iterations: 0 }, /^iterations is 0; allowed: an integer ≥ 1/],
        ["a snapshot after the end", { snapshots: [6] }, /^snapshots\[0\] is 6; allowed: an integer from 0 to 5/],
        ["snapshots as a number", { snapshots: 3 as never }, /^snapshots is 3; allowed: an array of numbers/],
        ["half a seed", { seed: 0.5 }, /^seed is 0\.5/],
        ["a learning rate of 0", { learningRate: 0 }, /^learningRate is 0; allowed: a number above 0/],
        ["live as a word", { live: "yes" as never }, /^live is "yes"; allowed: true or false/],
      ];
      for (const [what, options, message] of bad) {
        it(`refuses ${what}, leaving nothing behind`, async () => {
          expect(
            await tensorsLeft(async () => {
              const error = await failure(run(options));
              expect(error).to.be.instanceOf(BadInputError);
              expect(error.message).to.match(message);
            }),
          ).to.equal(0);
        });
      }
      it("refuses start images of another number or range, leaving nothing behind", async () => {
        const two = tf.zeros([2, 6, 5, 2]),
          bright = tf.fill([6, 5, 2], 255);
        expect(
          await tensorsLeft(async () => {
            expect((await failure(run({ initImage: two }))).message).to.match(
              /^the shape of initImage is \[2, 6, 5, 2\]; allowed: one image, or 3/,
            );
            expect((await failure(run({ initImage: bright }))).message).to.match(/^the range of initImage is .*255/);
          }),
        ).to.equal(0);
        tf.dispose([two, bright]);
      });
    });
  }

  describe("classVisualization", () => {
    it("gives a class what it gets alone from the same start, whatever is beside it", async () => {
      const images = tinyImages(tinyPixelsOf(3)),
        second = tf.tidy(() => images.slice([1], [1]) as tf.Tensor4D);
      const options = { iterations: 6, learningRate: 1, jitter: 2 };
      const [all, alone] = [
        await classVisualization(model, [1, 2, 3], { ...options, initImage: images }),
        await classVisualization(model, 2, { ...options, initImage: second }),
      ];
      expect(relativeError(alone.image.dataSync(), all.image.dataSync().slice(60, 120))).to.be.below(1e-4);
      all.dispose();
      alone.dispose();
      tf.dispose([images, second]);
    });

    const bad: [string, Options, RegExp][] = [
      ["a negative λ", { l2Regularization: -1 }, /^l2Regularization is -1; allowed: a number ≥ 0/],
      ["half a blur", { blurEvery: 0.5 }, /^blurEvery is 0\.5; allowed: an integer ≥ 0/],
      ["a blur of σ 0", { blurSigma: 0 }, /^blurSigma is 0/],
      ["jitter as large as the image", { jitter: 5 }, /^jitter is 5; allowed: an integer from 0 to 4/],
      [
        "an unknown step",
        { step: "plane" },
        /^step is "plane"; allowed: normalized, plain, accumulated. Did you mean plain/,
      ],
      ["an unknown penalty", { penalty: "cubed" }, /^penalty is "cubed"; allowed: squared, norm/],
    ];
    for (const [what, options, message] of bad) {
      it(`refuses ${what}`, async () => {
        expect((await failure(classVisualization(model, 1, options))).message).to.match(message);
      });
    }
    it("refuses unknown classes, no classes, and a model that was not awaited", async () => {
      expect((await failure(classVisualization(model, "bea"))).message).to.match(
        /^target is "bea"; .*Did you mean bee \(1\)/,
      );
      expect((await failure(classVisualization(model, []))).message).to.match(
        /^target is \[\]; allowed: a class, or several/,
      );
      expect((await failure(classVisualization(Promise.resolve(model) as never, 1))).message).to.match(
        /^model is "a promise"; .*await/,
      );
    });
  });

  describe("maximize", () => {
    const bad: [string, unknown, Record<string, unknown>, RegExp][] = [
      ["a number for an objective", 3, {}, /^objective is 3; allowed: an objective\. objectives\.channel/],
      ["an unknown optimizer", objective, { optimizer: "sgd" }, /^optimizer is "sgd"; allowed: adam, ascent/],
      ["no images", objective, { images: 0 }, /^images is 0; allowed: an integer ≥ 1/],
      ["other images than targets", objective, { images: 2 }, /^images is 2; allowed: 3, one for each target/],
      [
        "a transform that is none",
        objective,
        { transforms: ["jitter"] },
        /^transforms is \["jitter"\]; allowed: an array of transforms/,
      ],
      [
        "a regularizer outside a list",
        objective,
        { regularizers: regularizers.l2(1) },
        /^regularizers is .*; allowed: an array of regularizers/,
      ],
      [
        "a parametrization by name",
        objective,
        { parametrization: "fourier" },
        /^parametrization is "fourier"; allowed: parametrizations\.fourier\(\)/,
      ],
    ];
    for (const [what, asked, options, message] of bad) {
      it(`refuses ${what}, leaving nothing behind`, async () => {
        expect(
          await tensorsLeft(async () =>
            expect((await failure(maximize(model, asked as never, options))).message).to.match(message),
          ),
        ).to.equal(0);
      });
    }
  });

  describe("maximize of a silent unit", () => {
    /** Behind two ReLUs; with any image near grey both are off, and no gradient comes through. */
    const sleeper: VisionModel = {
      ...model,
      layers: () => [{ name: "unit", kind: "ReLU", outputShape: [6, 5, 2] }],
      activations: (x) => tf.tidy(() => tf.relu(tf.sub(tf.relu(tf.sub(x, 0.8)), 0.01))),
    };
    it("wakes it", async () => {
      const options = {
        iterations: 30,
        learningRate: 0.05,
        parametrization: parametrizations.pixels(),
        transforms: [],
      };
      const result = await maximize(sleeper, objectives.channel("unit", [0, 1]), options);
      expect(result.scores[0]).to.deep.equal([0, 0]);
      for (const score of result.scores[29]) expect(score).to.be.above(0.1);
      expect(result.scores[1], "the first step knows nothing of it yet").to.deep.equal([0, 0]);
      result.dispose();
    });
    it("does not touch images that have a gradient", async () => {
      const start = tf.tensor4d(
        [...new Array<number>(60).fill(0.3), ...tinyPixelsOf(1).map((value) => 0.85 + 0.1 * value)],
        [2, 6, 5, 2],
      );
      const awake = tf.tidy(() => start.slice([1], [1]) as tf.Tensor4D);
      const options = { iterations: 5, learningRate: 0.01, parametrization: parametrizations.pixels(), transforms: [] };
      const [both, alone] = [
        await maximize(sleeper, objectives.channel("unit", [0, 1]), { ...options, initImage: start }),
        await maximize(sleeper, objectives.channel("unit", 1), { ...options, initImage: awake }),
      ];
      expect(relativeError(alone.image.dataSync(), both.image.dataSync().slice(60))).to.be.below(1e-6);
      tf.dispose([start, awake]);
      both.dispose();
      alone.dispose();
    });
  });
}
