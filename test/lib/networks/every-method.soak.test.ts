import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import type { AttackResult } from "../../../lib/attack/attack";
import { attackMethods } from "../../../lib/attack/methods";
import type { Attribution } from "../../../lib/attribution/attribution";
import { attributionMethods } from "../../../lib/attribution/methods";
import { noiseOf } from "../../../lib/core/noise";
import { BadInputError } from "../../../lib/core/errors";
import type { Model, VisionModel } from "../../../lib/model/vision-model";
import { classVisualization, maximize, objectives, parametrizations } from "../../../lib/visualize";
import { forEachBackend } from "../../helpers/backends";
import { relativeError } from "../../helpers/finite-difference";
import { warnings } from "../../helpers/warnings";
import { inputCount, modelOf, networks, type Network } from "./networks";
import { Reference } from "./reference";

/** A name's deviations, the largest of each network and method. */
const table = new Map<string, Map<string, string>>();
const references = new Map<Network, Reference>();
/** What the first backend said, for the second. */
const said = new Map<string, Float32Array>();

function note(network: Network, method: string, what: string): void {
  const row = table.get(network.name) ?? new Map<string, string>();
  const before = Number(row.get(method)),
    now = Number(what);
  if (!(before > now)) row.set(method, what);
  table.set(network.name, row);
}

const vectorDot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i], 0);
const windowOf = (shape: readonly number[]): { window: number[]; stride: number[] } => {
  const window = (shape.length > 1 ? shape.slice(0, -1) : shape).map((side) => Math.min(3, side));
  return { window, stride: window.map((side) => Math.max(1, side - 1)) };
};
/** With the channels. */
const whole = (sides: readonly number[], shape: readonly number[]): number[] =>
  sides.length < shape.length ? [...sides, shape.at(-1)!] : [...sides];

forEachBackend(
  (backend) => {
    for (const network of networks) {
      describe(network.name, function () {
        this.timeout(120_000);
        let model: Model, reference: Reference, shape: readonly number[];
        const region = (logits: tf.Tensor): tf.Tensor => {
          const mask = Float32Array.from({ length: 64 * 3 }, (_, i) =>
            Number(i % 3 === 1 && Math.floor(i / 3) % 8 < 4),
          );
          return tf.sum(tf.mul(logits, tf.tensor(mask, [1, 8, 8, 3])), [1, 2, 3]);
        };
        const common = (): object => ({
          ...(network.places && { score: region }),
          ...(reference.regression && { target: 0 }),
        });
        const rowsOf = (values: tf.Tensor): Float32Array[] => {
          const data = values.dataSync() as Float32Array,
            size = data.length / inputCount;
          return Array.from({ length: inputCount }, (_, i) => data.slice(i * size, (i + 1) * size));
        };
        before(() => {
          model = modelOf(network);
          reference = references.get(network) ?? new Reference(network);
          references.set(network, reference);
          shape = model.inputShape;
        });
        after(() => model?.dispose());

        const explain = async (
          name: string,
          options: object = {},
          which?: readonly number[],
        ): Promise<{ rows: Float32Array[]; made: Attribution }> => {
          const given = reference.given(which),
            window = /occlu/.test(name) ? windowOf(shape) : {};
          let made!: Attribution;
          try {
            await warnings(async () => {
              made = await attributionMethods[name].explain(model as VisionModel, given, {
                ...common(),
                ...window,
                ...options,
              } as never);
            });
          } finally {
            tf.dispose(given);
          }
          const data = made.values.dataSync() as Float32Array,
            count = made.values.shape[0],
            size = data.length / count;
          made.dispose();
          return { made, rows: Array.from({ length: count }, (_, i) => data.slice(i * size, (i + 1) * size)) };
        };
        /** Whether this is the first backend: then by oracles, else as that said. */
        const check = (
          method: string,
          values: readonly ArrayLike<number>[],
          oracle: () => number,
          within: number,
          same = 1e-4,
        ): void => {
          const all = Float32Array.from(values.flatMap((row) => Array.from(row))),
            key = `${network.name} ${method}`,
            before = said.get(key);
          expect(all.every(Number.isFinite), "finite").to.equal(true);
          const deviation = before ? relativeError(all, before) : oracle();
          note(network, method, deviation.toExponential(0));
          if (!before) said.set(key, all);
          expect(deviation, before ? "as on the first backend" : "by the oracle").to.be.below(before ? same : within);
        };
        const refusal = (name: string): RegExp | undefined =>
          network.refused?.[name] ?? (name in attackMethods ? network.refused?.attack : undefined);
        /** Runs it, or sees that it is refused in one line. */
        const tried = async (name: string, work: () => Promise<void>): Promise<void> => {
          const right = refusal(name);
          if (!right) return work();
          const before = tf.memory().numTensors;
          const error = await work().then(
            () => undefined,
            (reason: Error) => reason,
          );
          expect(error, "an error").to.be.instanceOf(BadInputError);
          expect(error!.message).to.match(right).and.not.include("\n");
          expect(tf.memory().numTensors - before, "tensors").to.equal(0);
          note(network, name, "r");
        };
        const far = (deviations: readonly number[]): number => Math.max(...deviations);

        it("predict", async () => {
          const given = reference.given();
          try {
            if (network.places) {
              const error = await model.predict(given).then(
                () => undefined,
                (reason: Error) => reason,
              );
              expect(error).to.be.instanceOf(BadInputError);
              note(network, "predict", "r");
              const logits = tf.tidy(() => model.logits(given as tf.Tensor)),
                right = reference.run({ bare: true }, reference.inputs);
              check(
                "logits",
                rowsOf(logits),
                () => far(rowsOf(logits).map((row, i) => relativeError(row, right[i]))),
                1e-5,
              );
              logits.dispose();
              return;
            }
            const rows = await model.predict(given, { top: 10 }),
              outputs = reference.whole(reference.inputs);
            const right = outputs.map((row) =>
              row.length === 1 && !reference.regression ? [1 - row[0], row[0]] : Array.from(row),
            );
            const got = rows.map((row) =>
              row.reduce<number[]>((all, { index, value }) => Object.assign(all, { [index]: value }), []),
            );
            if (!reference.regression)
              rows.forEach((row) =>
                row.forEach(({ probability }, i) =>
                  expect(probability).to.be.at.most(row[Math.max(0, i - 1)].probability),
                ),
              );
            check("predict", got, () => far(got.map((row, i) => relativeError(row, right[i]))), 1e-5);
          } finally {
            tf.dispose(given);
          }
        });

        /** Derivatives of what is explained along some directions. */
        const bySlopes = (
          values: readonly Float32Array[],
          at: (input: number, direction: Float32Array) => number | undefined,
        ): number => {
          let seen = 0;
          const deviations = values.map((row, i) => {
            const length = Math.hypot(...Array.from(row));
            return far([
              0,
              ...reference.directions(8, row.length).map((direction) => {
                const right = at(i, direction);
                if (right === undefined) return 0;
                seen++;
                return Math.abs(vectorDot(row, direction) - right) / (length + 3e-2);
              }),
            ]);
          });
          expect(seen, "directions without a kink").to.be.above(4);
          return far(deviations);
        };
        const slope = (input: number, direction: ArrayLike<number>, logarithm = false): number | undefined => {
          const point = reference.points[input];
          // Of equal values the first is the one that max pooling goes by: it is made a little larger.
          const at = network.ties ? point.map((value, i) => value - i * 3e-4) : point;
          return network.ties ? tieSlope(input, at, direction) : reference.slope(input, at, direction, logarithm);
        };
        const tieSlope = (input: number, at: Float32Array, direction: ArrayLike<number>): number => {
          const step = 1e-4,
            rows = [step, -step].map((each) => at.map((value, i) => value + each * direction[i])),
            scores = reference.scoresAt(rows, [input, input]);
          return (scores[0] - scores[1]) / (2 * step);
        };
        const slopes = network.ties ? 3e-2 : 1e-2;

        it("saliency", () =>
          tried("saliency", async () => {
            const { rows } = await explain("saliency");
            check("saliency", rows, () => bySlopes(rows, slope), slopes);
            // The tape of the whole network says the same, more exactly.
            if (!network.ties)
              reference
                .ruled("standard")
                .forEach((right, i) => expect(relativeError(rows[i], right), "by the tape").to.be.below(1e-4));
          }));
        if (!network.places)
          it("saliency of the log-probability", () =>
            tried(network.words ? "saliency" : "attack", async () => {
              const { rows } = await explain("saliency", { score: "log-probability" });
              check(
                "saliency, log-probability",
                rows,
                () => (network.ties ? 0 : bySlopes(rows, (input, direction) => slope(input, direction, true))),
                3e-2,
              );
            }));
        it("input-x-gradient", () =>
          tried("input-x-gradient", async () => {
            const { rows } = await explain("input-x-gradient");
            check(
              "input-x-gradient",
              rows,
              () =>
                bySlopes(rows, (input, direction) =>
                  slope(
                    input,
                    direction.map((d, i) => d * reference.points[input][i]),
                  ),
                ),
              slopes,
            );
          }));
        it("smoothgrad", () =>
          tried("smoothgrad", async () => {
            const { rows } = await explain("smoothgrad", { samples: 2, sigma: 0.1, seed: 3 }),
              [low, high] = reference.bounds,
              size = rows[0].length;
            const noise = noiseOf({ first: 0, count: 2 }, size, 0.1 * (high - low), 3);
            check(
              "smoothgrad",
              rows,
              () =>
                bySlopes(rows, (input, direction) => {
                  const each = [0, 1].map((sample) =>
                    reference.slope(
                      input,
                      reference.points[input].map((value, i) => value + noise[sample * size + i]),
                      direction,
                    ),
                  );
                  return each.includes(undefined) ? undefined : (each[0]! + each[1]!) / 2;
                }),
              slopes,
            );
          }));
        it("integrated-gradients", () =>
          tried("integrated-gradients", async () => {
            const { rows } = await explain("integrated-gradients", { steps: 300 });
            check(
              "integrated-gradients",
              rows,
              () =>
                far(
                  rows.map((row, i) => {
                    const [at, from] = reference.scoresAt([reference.points[i], new Float32Array(row.length)], [i, i]);
                    return Math.abs(row.reduce((a, b) => a + b, 0) - (at - from)) / (Math.abs(at - from) + 0.3);
                  }),
                ),
              1e-2,
            );
          }));
        for (const rule of ["guided", "deconvolution"] as const) {
          const name = rule === "guided" ? "guided-backprop" : "deconvolution";
          it(name, () =>
            tried(name, async () => {
              const { rows } = await explain(name);
              check(
                name,
                rows,
                () => {
                  const right = reference.ruled(rule);
                  return far(rows.map((row, i) => relativeError(row, right[i])));
                },
                1e-4,
              );
            }),
          );
        }
        it("occlusion", () =>
          tried("occlusion", async () => {
            const { rows } = await explain("occlusion", { baseline: network.words ? 2 : 0 }),
              { window, stride } = windowOf(shape);
            check(
              "occlusion",
              rows,
              () => {
                const right = reference.occlusion(
                  shape,
                  whole(window, shape),
                  whole(stride, shape),
                  network.words ? 2 : 0,
                );
                return far(rows.map((row, i) => relativeError(row, right[i])));
              },
              1e-4,
            );
          }));
        it("occluded-input-x-gradient", () =>
          tried("occluded-input-x-gradient", async () => {
            const [{ rows }, fall, slope] = [
              await explain("occluded-input-x-gradient"),
              await explain("occlusion"),
              await explain("saliency"),
            ];
            check(
              "occluded-input-x-gradient",
              rows,
              () =>
                far(
                  rows.map((row, i) => {
                    const product = Array.from(slope.rows[i], (value, at) => Math.abs(value) * reference.inputs[i][at]);
                    const [one, two] = [fall.rows[i], product].map(
                      (all) => Math.max(...Array.from(all, Math.abs)) || 1,
                    );
                    return relativeError(
                      row,
                      Float64Array.from(row, (_, at) => (fall.rows[i][at] / one) * (product[at] / two)),
                    );
                  }),
                ),
              1e-4,
            );
          }));
        it("grad-cam", () =>
          tried("grad-cam", async () => {
            for (const signed of [true, false]) {
              const { rows, made } = await explain("grad-cam", { signed });
              check(
                signed ? "grad-cam, signed" : "grad-cam",
                rows,
                () => {
                  const right = reference.classActivation((made.options as { layer?: string }).layer!, signed);
                  return far(rows.map((row, i) => relativeError(row, right[i].map)));
                },
                1e-4,
              );
            }
          }));
        it("guided-grad-cam", () =>
          tried("guided-grad-cam", async () => {
            const [{ rows }, guided, map] = [
              await explain("guided-grad-cam"),
              await explain("guided-backprop"),
              await explain("grad-cam", { upsample: true }),
            ];
            check(
              "guided-grad-cam",
              rows,
              () =>
                far(
                  rows.map((row, i) =>
                    relativeError(
                      row,
                      Float64Array.from(row, (_, at) => guided.rows[i][at] * map.rows[i][Math.floor(at / shape[2])]),
                    ),
                  ),
                ),
              1e-5,
            );
          }));

        const range = (): number =>
          Number.isFinite(reference.bounds[1]) ? reference.bounds[1] - reference.bounds[0] : 1;
        const attackOptions = (name: string): object => {
          const epsilon = 0.05 * range();
          const each: Record<string, object> = {
            fgsm: { epsilon },
            "normed-gradient": { epsilon: 4 * epsilon },
            pgd: { epsilon, steps: 4, seed: 1 },
            "random-noise": { epsilon, seed: 1 },
            fooling: {
              target: reference.targets.map((target) => (target + 1) % Math.max(2, reference.units)),
              maxIterations: 12,
              learningRate: 0.2,
            },
            deepfool: { steps: 12 },
            "carlini-wagner": { steps: 10, searches: 2, learningRate: 0.05 },
            occlude: { ...windowOf(shape), rectangles: 2 },
          };
          return each[name];
        };
        for (const name of Object.keys(attackMethods)) {
          it(name, () =>
            tried(name, async () => {
              const options = attackOptions(name),
                attack = async (
                  which?: readonly number[],
                ): Promise<AttackResult & { rows: Float32Array[]; raws: Float32Array[] }> => {
                  const given = reference.given(which),
                    own =
                      which && name === "fooling"
                        ? { ...options, target: (options as { target: number[] }).target[which[0]] }
                        : options;
                  let made!: AttackResult;
                  try {
                    await warnings(async () => {
                      made = await attackMethods[name].attack(model as VisionModel, given as tf.Tensor4D, own as never);
                    });
                  } finally {
                    tf.dispose(given);
                  }
                  const split = (values: tf.Tensor): Float32Array[] => {
                    const data = values.dataSync() as Float32Array,
                      count = values.shape[0],
                      size = data.length / count;
                    return Array.from({ length: count }, (_, i) => data.slice(i * size, (i + 1) * size));
                  };
                  const [rows, raws] = [split(made.clipped), split(made.raw)];
                  made.dispose();
                  return { ...made, rows, raws };
                };
              const result = await attack(),
                [low, high] = reference.bounds;
              const before = reference.run({ bare: true }, reference.inputs),
                after = reference.run({ bare: true }, result.rows);
              const sure = (output: Float32Array): boolean => {
                const sorted = Array.from(output).sort((a, b) => b - a);
                return (reference.sigmoid ? Math.min(...sorted.map(Math.abs)) : sorted[0] - sorted[1]) > 1e-4;
              };
              result.rows.forEach((row, i) => {
                expect(Math.min(...Array.from(row)), "lower bound").to.be.at.least(low);
                expect(Math.max(...Array.from(row)), "upper bound").to.be.at.most(high);
                const change = Array.from(row, (value, at) => value - reference.inputs[i][at]),
                  channels = shape.length > 1 ? shape.at(-1)! : 1;
                const places = new Set(change.flatMap((d, at) => (d === 0 ? [] : [Math.floor(at / channels)])));
                const size = { l2: Math.hypot(...change), linf: Math.max(...change.map(Math.abs)), l0: places.size }[
                  result.norm
                ];
                expect(result.distance[i], "distance").to.be.closeTo(size, 1e-5 * range() + 1e-5 * size);
                if (result.epsilon !== undefined)
                  expect(size, "epsilon").to.be.at.most(result.epsilon * (1 + 1e-5) + 1e-6);
                expect(result.predictedBefore[i], "before").to.equal(reference.decide(before[i]));
                if (sure(after[i])) {
                  expect(result.predictedAfter[i], "after").to.equal(reference.decide(after[i]));
                  expect(result.success[i], "success").to.equal(successOf(name, options, i, before[i], after[i]));
                }
              });
              const alone = await attack([1]),
                iterated = !["fgsm", "normed-gradient", "random-noise"].includes(name);
              expect(relativeError(alone.rows[0], result.rows[1]), "alone").to.be.below(iterated ? 1e-3 : 1e-4);
              expect([alone.success[0], alone.iterations[0]]).to.deep.equal([result.success[1], result.iterations[1]]);
              check(
                name,
                iterated ? [result.distance] : result.rows,
                () => (network.ties ? 0 : stepOf(name, options, result.raws)),
                1e-2,
                iterated ? 1e-3 : 1e-4,
              );
            }),
          );
        }
        const successOf = (
          name: string,
          options: object,
          i: number,
          before: Float32Array,
          after: Float32Array,
        ): boolean => {
          const now = reference.decide(after),
            labels = reference.sigmoid && reference.units > 1;
          if (name === "fooling") {
            const target = (options as { target: number[] }).target[i];
            return labels ? after[target] > 0 : now === target;
          }
          const was = reference.decide(before);
          return labels ? after[was] > 0 !== before[was] > 0 : now !== was;
        };
        /** How far a single step is from the loss's steepest way, by differences along it. */
        const stepOf = (name: string, options: object, raws: readonly Float32Array[]): number => {
          if (name !== "normed-gradient") return 0;
          const { epsilon } = options as { epsilon: number };
          return far(
            raws.map((raw, i) => {
              const way = Float32Array.from(raw, (value, at) => (value - reference.inputs[i][at]) / epsilon),
                steepest = reference.slope(i, reference.inputs[i], way, true);
              const others = reference.directions(6, way.length).map((direction) => {
                const right = reference.slope(i, reference.inputs[i], direction, true);
                return right === undefined || steepest === undefined
                  ? 0
                  : Math.abs(vectorDot(way, direction) * steepest - right) / (Math.abs(steepest) + 1e-3);
              });
              return far(others);
            }),
          );
        };

        it("classVisualization", () =>
          tried("classVisualization", async () => {
            const target = reference.regression || reference.units === 1 ? 0 : 1;
            const made = await classVisualization(model as VisionModel, target, {
              iterations: 9,
              learningRate: 0.3,
              jitter: 0,
              blurEvery: 0,
              snapshots: [1, 3, 8],
              seed: 2,
            });
            const images = made.snapshots.map(({ image }) => image.dataSync() as Float32Array),
              scores = made.snapshots.map(({ iteration }) => made.scores[iteration][0]);
            expect(made.scores[8][0], "it rises").to.be.above(made.scores[1][0]);
            made.dispose();
            const outputs = reference.run({ bare: true }, images);
            check(
              "classVisualization",
              [scores],
              () =>
                relativeError(
                  scores,
                  outputs.map((row) => reference.scoreOf(row, target)),
                ),
              1e-4,
              1e-3,
            );
          }));
        it("maximize", () =>
          tried("maximize", async () => {
            const target = reference.units === 1 ? 0 : 1,
              settings = {
                iterations: 9,
                parametrization: parametrizations.pixels(),
                transforms: [],
                snapshots: [0, 3, 8],
                seed: 2,
              };
            const made = await maximize(model as VisionModel, objectives.logit(target), settings);
            const images = made.snapshots.map(({ image }) => image.dataSync() as Float32Array),
              scores = made.snapshots.map(({ iteration }) => made.scores[iteration][0]);
            expect(made.scores[8][0], "it rises").to.be.above(made.scores[0][0]);
            made.dispose();
            const outputs = reference.run({ bare: true }, images);
            check(
              "maximize",
              [scores],
              () =>
                relativeError(
                  scores,
                  outputs.map((row) => reference.scoreOf(row, target)),
                ),
              1e-4,
              1e-3,
            );
            for (const { name, outputShape } of model.layers().filter((each) => each.outputShape.length > 0)) {
              const ofChannel = await maximize(
                model as VisionModel,
                objectives.channel(name, outputShape.at(-1)! - 1).plus(objectives.logit(target)),
                { ...settings, iterations: 2, snapshots: [] },
              ).catch((error: Error) => {
                expect(error, name).to.be.instanceOf(BadInputError);
                return undefined;
              });
              if (!ofChannel) continue;
              expect(ofChannel.image.dataSync().every(Number.isFinite), name).to.equal(true);
              ofChannel.dispose();
            }
          }));
        it("leaves no tensors", async () => {
          const before = tf.memory().numTensors,
            again = modelOf(network),
            given = reference.given();
          (await attributionMethods.saliency.explain(again as VisionModel, given, common() as never)).dispose();
          again.dispose();
          tf.dispose(given);
          expect(tf.memory().numTensors - before, backend).to.equal(0);
        });
      });
    }
  },
  ["tensorflow", "wasm"],
);

after(() => {
  references.forEach((reference) => reference.dispose());
  if (process.env.VITRINE_TABLE === undefined) return;
  const columns = [
    "predict",
    ...Object.keys(attributionMethods),
    ...Object.keys(attackMethods),
    "classVisualization",
    "maximize",
  ];
  const rows = [...table].map(([name, cells]) =>
    [name, ...columns.map((column) => cells.get(column) ?? "–")].join(" | "),
  );
  console.log([["network", ...columns].join(" | "), ...rows].join("\n"));
});
