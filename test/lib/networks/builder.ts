// Networks that are built twice: as the library gets them, and as TensorFlow.js's own functions run them beside it.
import * as tf from "@tensorflow/tfjs";

/** How a network is built. All forms have the same weights. */
export interface Form {
  /** Without the softmax or sigmoid at its end. */
  readonly bare?: boolean;
  /** Rectifiers as layers of our own, which pass back by this rule. */
  readonly rule?: "standard" | "guided" | "deconvolution";
  /** A further input is added to this layer's output. */
  readonly probe?: string;
  /** Ends at this layer. */
  readonly until?: string;
  /** Takes a text's vectors in place of its tokens. */
  readonly vectors?: boolean;
}

type Rectifying = "relu" | "relu6";
type Symbol = tf.SymbolicTensor;

/** A rectifier whose gradient is written out here, after the papers. */
class Rectifier extends tf.layers.Layer {
  static className = "ReferenceRectifier";
  constructor(
    private readonly kind: Rectifying,
    private readonly rule: Form["rule"],
    name: string,
  ) {
    super({ name });
  }

  override computeOutputShape(shape: tf.Shape): tf.Shape {
    return shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const most = this.kind === "relu6" ? 6 : Infinity,
      { rule } = this;
    const rectify = tf.customGrad((x: unknown, save: unknown) => {
      const at = x as tf.Tensor;
      (save as (tensors: tf.Tensor[]) => void)([at]);
      const value = most === 6 ? tf.clipByValue(at, 0, 6) : tf.relu(at);
      return {
        value,
        gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => {
          const open = tf.cast(tf.logicalAnd(tf.greater(saved, 0), tf.less(saved, most)), "float32");
          const positive = tf.relu(dy);
          return rule === "deconvolution" ? positive : tf.mul(rule === "guided" ? positive : dy, open);
        },
      };
    });
    return rectify(Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor;
  }
}

export class Builder {
  private readonly extra: Symbol[] = [];
  private end?: Symbol;

  constructor(readonly form: Form = {}) {}

  /** A layer whose activation may be a rectifier inside it. */
  conv(x: Symbol, config: Parameters<typeof tf.layers.conv2d>[0]): Symbol {
    return this.rectified(x, config, (given) => tf.layers.conv2d({ padding: "same", ...given } as typeof config));
  }

  conv1(x: Symbol, config: Parameters<typeof tf.layers.conv1d>[0]): Symbol {
    return this.rectified(x, config, (given) => tf.layers.conv1d(given as typeof config));
  }

  dense(x: Symbol, name: string, units: number, activation?: string): Symbol {
    return this.rectified(x, { name, activation }, (given) => tf.layers.dense({ units, ...given } as never));
  }

  /** Any other layer. */
  put(layer: tf.layers.Layer, x: Symbol | Symbol[]): Symbol {
    return this.seen(layer.name, layer.apply(x) as Symbol);
  }

  /** A ReLU layer. */
  relu(x: Symbol, name: string, kind: Rectifying = "relu"): Symbol {
    if (this.form.rule) return this.put(new Rectifier(kind, this.form.rule, name), x);
    return this.put(tf.layers.reLU({ name, ...(kind === "relu6" && { maxValue: 6 }) }), x);
  }

  /** The activation at the network's end, as a layer. */
  last(x: Symbol, kind: "softmax" | "sigmoid"): Symbol {
    return this.form.bare
      ? x
      : this.put(
          kind === "softmax"
            ? tf.layers.softmax({ name: "end" })
            : tf.layers.activation({ activation: "sigmoid", name: "end" }),
          x,
        );
  }

  /** A dense layer with the activation at the network's end inside. */
  head(x: Symbol, name: string, units: number, activation: "softmax" | "sigmoid"): Symbol {
    return this.dense(x, name, units, this.form.bare ? undefined : activation);
  }

  /** A text's vectors. */
  text(steps: number, words: number, dimensions: number): [input: Symbol, vectors: Symbol] {
    const input = tf.input({ shape: this.form.vectors ? [steps, dimensions] : [steps], name: "text" });
    if (this.form.vectors) return [input, input];
    return [
      input,
      this.put(
        tf.layers.embedding({ name: "vectors", inputDim: words, outputDim: dimensions, inputLength: steps }),
        input,
      ),
    ];
  }

  model(inputs: Symbol | Symbol[], outputs: Symbol | Symbol[], seed: number): tf.LayersModel {
    const made = tf.model({ inputs: [...[inputs].flat(), ...this.extra], outputs: this.end ?? outputs });
    seedWeights(made, seed);
    return made;
  }

  private rectified(x: Symbol, config: object, make: (config: object) => tf.layers.Layer): Symbol {
    const { activation, name } = config as { activation?: string; name: string };
    // TF.js's own layer cannot be differentiated where it is dilated.
    if (this.form.rule && "dilationRate" in config && "kernelSize" in config && x.shape.length === 4)
      return this.seen(name, this.dilated(x, config, make));
    if (!this.form.rule || (activation !== "relu" && activation !== "relu6"))
      return this.seen(name, make(config).apply(x) as Symbol);
    const plain = make({ ...config, activation: undefined }).apply(x) as Symbol;
    return this.seen(name, new Rectifier(activation, this.form.rule, `${name}_rectifier`).apply(plain) as Symbol);
  }

  private dilated(x: Symbol, config: object, make: (config: object) => tf.layers.Layer): Symbol {
    const { activation, name, dilationRate } = config as {
      activation?: Rectifying;
      name: string;
      dilationRate: number;
    };
    const layer = make({ ...config, activation: undefined });
    layer.call = (inputs) =>
      tf.tidy(() => {
        const [kernel, bias] = layer.weights.map((weight) => weight.read()),
          image = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
        return tf.add(tf.conv2d(image, kernel as tf.Tensor4D, 1, "same", "NHWC", dilationRate), bias);
      });
    const plain = layer.apply(x) as Symbol;
    return activation ? (new Rectifier(activation, this.form.rule, `${name}_rectifier`).apply(plain) as Symbol) : plain;
  }

  private seen(name: string, output: Symbol): Symbol {
    if (this.form.until === name) this.end = output;
    if (this.form.probe !== name) return output;
    const change = tf.input({ shape: output.shape.slice(1) as number[] });
    this.extra.push(change);
    return tf.layers.add().apply([output, change]) as Symbol;
  }
}

/** Numbers in [0, 1), the same for the same text. */
export function chance(text: string): () => number {
  let state = 2166136261;
  for (const letter of text) state = Math.imul(state ^ letter.charCodeAt(0), 16777619);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A weight's values by its name alone, so that another form of the network, or a graph, has the same. */
export function weightValues(name: string, shape: readonly number[], seed: number): Float32Array {
  const next = chance(`${seed} ${name}`),
    size = shape.reduce((product, side) => product * side, 1);
  const fan = shape.length > 1 ? size / shape[shape.length - 1] : 1;
  const between = (low: number, high: number): Float32Array =>
    Float32Array.from({ length: size }, () => low + (high - low) * next());
  if (/gamma$/.test(name)) return between(0.6, 1.4);
  if (/variance$/.test(name)) return between(0.5, 1.5);
  if (/alpha$/.test(name)) return between(0.1, 0.4);
  if (shape.length < 2) return between(-0.3, 0.3);
  const depthwise = /depthwise/.test(name) ? size / (shape[2] ?? 1) : fan;
  const width = 2.2 / Math.sqrt(depthwise);
  return between(-width, width);
}

function seedWeights(model: tf.LayersModel, seed: number): void {
  for (const layer of model.layers) {
    if (layer instanceof tf.LayersModel) seedWeights(layer, seed);
    else if (layer.weights.length > 0) {
      const values = layer.weights.map((weight, i) => {
        const kind = weight.originalName.split("/").at(-1)!.replace(/_\d+$/, "");
        return tf.tensor(
          weightValues(`${layer.name} ${i} ${kind}`, weight.shape as number[], seed),
          weight.shape as number[],
        );
      });
      layer.setWeights(values);
      tf.dispose(values);
    }
  }
}
