// Dropout that can be repeated: its random numbers are inputs of the step.
import * as tf from "@tensorflow/tfjs";

interface DropoutLayer extends tf.layers.Layer {
  readonly rate: number;
  getNoiseShape(input: tf.Tensor): number[] | null | undefined;
}

/** What one dropout layer multiplies features of one shape by. */
interface Mask {
  readonly layer: DropoutLayer;
  readonly shape: number[];
}

/**
 * The random numbers of a network's dropout layers, drawn outside the forward pass: so that pass is a pure function of
 * tensors, which can be compiled. While this lives its layers take what they are given within `during`; anywhere else
 * they do as they always do. The numbers are those that the layers themselves would draw with the same seeds.
 */
export class DropoutMasks {
  private readonly layers: readonly DropoutLayer[];
  /** What the forward pass asks for, by the number of images. */
  private readonly asked = new Map<number, readonly Mask[]>();
  /** What the layers do for now, instead of their own. */
  private instead?: (layer: DropoutLayer, input: tf.Tensor, training: boolean) => tf.Tensor;

  constructor(private readonly model: tf.LayersModel) {
    this.layers = layersOf(model, "Dropout") as DropoutLayer[];
    for (const layer of this.layers) {
      layer.call = (inputs, options): tf.Tensor | tf.Tensor[] => {
        const own = Object.getPrototypeOf(layer) as DropoutLayer;
        if (!this.instead || !(layer.rate > 0 && layer.rate < 1)) return own.call.call(layer, inputs, options);
        return this.instead(layer, Array.isArray(inputs) ? inputs[0] : inputs, Boolean(options.training));
      };
    }
  }

  /** How many seeds `draw` takes. */
  get count(): number {
    return this.layers.length;
  }

  /**
   * @param seeds one for each layer, integers other than 0
   * @param images like those that the forward pass will get; only their shape counts
   * @returns to be handed to `during`; the caller owns them
   */
  draw(seeds: readonly number[], images: tf.Tensor): tf.Tensor[] {
    return this.masksFor(images).map(({ layer, shape }) => {
      const values = new Float32Array(tf.util.sizeFromShape(shape)),
        kept = Math.fround(1 - layer.rate),
        scale = Math.fround(1 / kept);
      // In single precision, as TensorFlow.js computes floor(uniform + kept) / kept.
      fillFromAlea(values, seeds[this.layers.indexOf(layer)], (uniform) =>
        Math.fround(Math.fround(uniform) + kept) >= 1 ? scale : 0,
      );
      return tf.tensor(values, shape);
    });
  }

  /** Runs a forward pass with these masks, for as many images as they were drawn for. */
  during<T>(masks: readonly tf.Tensor[], images: number, forward: () => T): T {
    const wanted = this.asked.get(images) ?? [];
    return this.with((layer, input, training) => {
      if (!training) return tf.clone(input);
      return tf.mul(input, masks[wanted.findIndex((mask) => same(mask, layer, noiseShape(layer, input)))]);
    }, forward);
  }

  /** Gives the layers their own way back. */
  dispose(): void {
    for (const layer of this.layers) delete (layer as Partial<DropoutLayer>).call;
  }

  private masksFor(images: tf.Tensor): readonly Mask[] {
    const count = images.shape[0],
      known = this.asked.get(count);
    if (known) return known;
    const asked: Mask[] = [];
    // Not in training mode, in which other layers would learn from these images.
    if (this.count > 0)
      this.with(
        (layer, input) => {
          const shape = noiseShape(layer, input);
          if (!asked.some((mask) => same(mask, layer, shape))) asked.push({ layer, shape });
          return tf.clone(input);
        },
        () => tf.dispose(tf.tidy(() => this.model.apply(images, { training: false }) as tf.Tensor)),
      );
    this.asked.set(count, asked);
    return asked;
  }

  private with<T>(instead: NonNullable<DropoutMasks["instead"]>, work: () => T): T {
    this.instead = instead;
    try {
      return work();
    } finally {
      this.instead = undefined;
    }
  }
}

const same = (mask: Mask, layer: DropoutLayer, shape: number[]): boolean =>
  mask.layer === layer && tf.util.arraysEqual(mask.shape, shape);
const noiseShape = (layer: DropoutLayer, input: tf.Tensor): number[] => layer.getNoiseShape(input) ?? input.shape;

/** 2⁻³² */
const unit = 2.3283064365386963e-10;

/**
 * Calls `take` with numbers uniform in [0, 1): those that TensorFlow.js's `randomUniform` draws with that seed
 * (Baagøe's Alea), in a loop without a call for each, since a minibatch's dropout takes hundreds of thousands.
 * @param target filled with `made` of each number
 */
function fillFromAlea(target: Float32Array, seed: number, made: (uniform: number) => number): void {
  const mash = masher();
  let c = 1,
    s0 = mash(" "),
    s1 = mash(" "),
    s2 = mash(" ");
  const text = String(seed),
    seeded = (s: number): number => {
      const less = s - mash(text);
      return less < 0 ? less + 1 : less;
    };
  s0 = seeded(s0);
  s1 = seeded(s1);
  s2 = seeded(s2);
  for (let i = 0; i < target.length; i++) {
    const t = 2091639 * s0 + c * unit;
    c = t | 0;
    s0 = s1;
    s1 = s2;
    s2 = t - c;
    target[i] = made(s2);
  }
}

/** Alea's hash of texts, each call depending on those before. */
function masher(): (text: string) => number {
  let n = 0xefc8249d;
  return (text) => {
    for (let i = 0; i < text.length; i++) {
      n += text.charCodeAt(i);
      let h = 0.02519603282416938 * n;
      n = h >>> 0;
      h -= n;
      h *= n;
      n = h >>> 0;
      h -= n;
      n += h * 0x100000000;
    }
    return (n >>> 0) * unit;
  };
}

/** A network's layers, each once, those of nested networks among them. @param kind only those of that class */
export function layersOf(model: tf.LayersModel, kind?: string): tf.layers.Layer[] {
  const all = model.layers.flatMap((layer): tf.layers.Layer[] =>
    layer instanceof tf.LayersModel ? layersOf(layer, kind) : [layer],
  );
  return [...new Set(all)].filter((layer) => kind === undefined || layer.getClassName() === kind);
}

/** TensorFlow.js's own layers: what others register comes later. */
const own = new Set<unknown>(
  Object.values(tf.serialization.SerializationMap.getMap().classNameMap).map(([constructor]) => constructor),
);

/** Whether a network is made of TensorFlow.js's own layers only, whose forward pass does the same at every call. */
export const isStandard = (model: tf.LayersModel): boolean =>
  layersOf(model).every((layer) => own.has(layer.constructor));
