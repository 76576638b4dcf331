import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "../../../lib/backend";
import { DropoutMasks } from "../../../lib/training/dropout-masks";
import { Optimizer, type OptimizerName } from "../../../lib/training/optimizer";
import { TrainingStep, type Minibatch } from "../../../lib/training/training-step";
import { random } from "../../../lib/core/random";
import { forEachBackend } from "../../helpers/backends";
import { graphsLoaded } from "../../helpers/graphs-loaded";
import { weightsOf } from "../../helpers/spots";

/** Does what a dense layer does, and is not TensorFlow.js's own. */
class Foreign extends tf.layers.Layer {
  static className = "VitrineForeign";
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.mul(Array.isArray(inputs) ? inputs[0] : inputs, 2);
  }
}

/** Every kind of layer that the networks here are made of, and a network within the network. */
function network(foreign = false): tf.LayersModel {
  const seeded = (seed: number) => ({
    kernelInitializer: tf.initializers.heNormal({ seed }),
    depthwiseInitializer: tf.initializers.heNormal({ seed }),
  });
  const input = tf.input({ shape: [8, 8, 2] });
  let x = tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: "same", useBias: false, ...seeded(1) }).apply(input);
  x = tf.layers.batchNormalization({ momentum: 0.7 }).apply(x);
  x = tf.layers.reLU().apply(x);
  x = tf.layers.maxPooling2d({ poolSize: 2 }).apply(x);
  const inner = tf.input({ shape: [4, 4, 4] });
  x = tf
    .model({
      inputs: inner,
      outputs: tf.layers.dropout({ rate: 0.4, noiseShape: [null as never, 1, 1, 4] }).apply(inner) as tf.SymbolicTensor,
    })
    .apply(x);
  x = tf.layers
    .depthwiseConv2d({ kernelSize: 3, padding: "same", depthMultiplier: 2, activation: "relu6", ...seeded(2) })
    .apply(x);
  x = tf.layers
    .conv2d({
      filters: 5,
      kernelSize: 3,
      strides: 2,
      padding: "same",
      dilationRate: 1,
      activation: "relu",
      ...seeded(3),
    })
    .apply(x);
  x = tf.layers.averagePooling2d({ poolSize: 2, strides: 1, padding: "same" }).apply(x);
  if (foreign) x = new Foreign({}).apply(x);
  x = tf.layers.dropout({ rate: 0.3 }).apply(tf.layers.flatten().apply(x));
  x = tf.layers.dense({ units: 3, ...seeded(4) }).apply(x);
  return tf.model({ inputs: input, outputs: x as tf.SymbolicTensor });
}

function minibatches(count: number): Minibatch[] {
  const chance = random(5);
  return Array.from({ length: count }, () => ({
    pixels: Float32Array.from({ length: 6 * 128 }, () => chance.uniform()),
    labels: Array.from({ length: 6 }, () => chance.integer(3)),
    learningRate: 0.01 * chance.uniform(),
    seeds: [1 + chance.integer(1000), 1 + chance.integer(1000)],
  }));
}

const dropouts = (model: tf.LayersModel): { seed: number }[] =>
  model.layers
    .flatMap((layer) => (layer instanceof tf.LayersModel ? layer.layers : [layer]))
    .filter((layer) => layer.getClassName() === "Dropout") as unknown as { seed: number }[];

describe("a step of training", function () {
  this.timeout(60_000);
  before(ready);
  const graphs = graphsLoaded();

  /** What TensorFlow.js's own optimizers and layers make of the same minibatches. */
  const reference = (name: OptimizerName, batches: readonly Minibatch[]): number[] => {
    const model = network(),
      optimizer = name === "adam" ? tf.train.adam(1) : tf.train.momentum(1, 0.9);
    for (const { pixels, labels, learningRate, seeds } of batches) {
      if (name === "momentum") (optimizer as tf.MomentumOptimizer).setLearningRate(learningRate);
      else (optimizer as unknown as { learningRate: number }).learningRate = learningRate;
      dropouts(model).forEach((layer, i) => {
        layer.seed = seeds[i];
      });
      tf.tidy(
        () =>
          void optimizer.minimize(
            () =>
              tf.losses.softmaxCrossEntropy(
                tf.oneHot(labels, 3),
                model.apply(tf.tensor4d(pixels, [6, 8, 8, 2]), { training: true }) as tf.Tensor2D,
                undefined,
                0.1,
              ) as tf.Scalar,
          ),
      );
    }
    const weights = weightsOf(model);
    optimizer.dispose();
    if (name === "momentum") tf.SGDOptimizer.prototype.dispose.call(optimizer);
    model.dispose();
    return weights;
  };
  const trained = async (
    name: OptimizerName,
    batches: readonly Minibatch[],
    { total = 1000, foreign = false, epsilon = 0 } = {},
  ): Promise<number[]> => {
    const logits = network(foreign),
      optimizer = new Optimizer(
        name,
        logits.trainableWeights.map((weight) => weight.read() as tf.Variable),
      );
    const adversarial = epsilon ? { epsilon, share: 0.5 } : undefined;
    const step = new TrainingStep({
      logits,
      optimizer,
      classes: 3,
      labelSmoothing: 0.1,
      shape: [6, 8, 8, 2],
      total,
      adversarial,
    });
    step.prepare();
    for (const batch of batches) await step.run(batch);
    step.dispose();
    optimizer.dispose();
    const weights = weightsOf(logits);
    logits.dispose();
    return weights;
  };
  const near = (got: readonly number[], wanted: readonly number[], share: number): void => {
    const most = Math.max(...wanted.map(Math.abs));
    expect(got.length).to.equal(wanted.length);
    got.forEach((value, i) => expect(value, `weight ${i}`).to.be.closeTo(wanted[i], share * most));
  };

  /** Where it ends on the first backend. */
  const elsewhere: Partial<Record<OptimizerName, number[]>> = {};
  forEachBackend((backend) => {
    for (const name of ["adam", "momentum"] as const) {
      it(
        `changes weights and moving averages as TensorFlow.js's ${name} does, dropout's seeds included, and ends ` +
          `where the others end`,
        async () => {
          const batches = minibatches(8),
            wanted = reference(name, batches),
            before = tf.memory().numTensors;
          const got = await trained(name, batches);
          near(got, wanted, 1e-5);
          near(got, (elsewhere[name] ??= got), 1e-4);
          expect(graphs.count).to.equal(backend === "tensorflow" ? 1 : 0);
          expect(tf.memory().numTensors).to.equal(before);
        },
      );
    }
  });

  it(
    "is compiled for long runs of TensorFlow.js's own layers only, and where that is not turned off; with the same " +
      "result",
    async () => {
      const batches = minibatches(3);
      const made = async (options: Parameters<typeof trained>[2]): Promise<[weights: number[], graphs: number]> => {
        const before = graphs.count,
          weights = await trained("adam", batches, options);
        return [weights, graphs.count - before];
      };
      const [wanted, compiled] = await made({ epsilon: 0.1 });
      expect(compiled).to.equal(1);
      const [short, none] = await made({ epsilon: 0.1, total: 20 });
      expect(none).to.equal(0);
      near(short, wanted, 1e-5);
      expect((await made({ foreign: true }))[1]).to.equal(0);
      process.env.VITRINE_COMPILE = "off";
      const [off, still] = await made({ epsilon: 0.1 });
      expect(still).to.equal(0);
      expect(off).to.deep.equal(short);
      delete process.env.VITRINE_COMPILE;
      const [plain] = await made({});
      expect(Math.max(...plain.map((value, i) => Math.abs(value - wanted[i])))).to.be.above(1e-3);
    },
  );

  it("draws the numbers that dropout layers draw with the same seeds, and gives the layers back unchanged", () => {
    const model = network(),
      images = tf.randomUniform<tf.Rank.R4>([5, 8, 8, 2], 0, 1, "float32", 3),
      seeds = [17, 923_456_789];
    dropouts(model).forEach((layer, i) => {
      layer.seed = seeds[i];
    });
    const apply = (): tf.Tensor => tf.tidy(() => model.apply(images, { training: true }) as tf.Tensor);
    const wanted = apply(),
      masks = new DropoutMasks(model),
      drawn = masks.draw(seeds, images);
    const given = masks.during(drawn, 5, apply),
      outside = apply();
    expect(drawn.map(({ shape }) => shape)).to.deep.equal([
      [5, 1, 1, 4],
      [5, 20],
    ]);
    expect(Array.from(given.dataSync())).to.deep.equal(Array.from(wanted.dataSync()));
    expect(Array.from(outside.dataSync())).to.deep.equal(Array.from(wanted.dataSync()));
    masks.dispose();
    expect(dropouts(model).some((layer) => Object.hasOwn(layer, "call"))).to.equal(false);
    tf.dispose([images, wanted, given, outside, ...drawn]);
    model.dispose();
  });
});
