// What a network says when TensorFlow.js runs it as a whole, and slow versions of the methods by that alone.
import * as tf from "@tensorflow/tfjs";
import { type Form, chance } from "./builder";
import { formOf, inputCount, sizeOf, valuesOf, weightsOfVectors, type Network } from "./networks";

type Row = Float32Array;

export class Reference {
  private readonly forms = new Map<string, tf.LayersModel>();
  /** Each input's numbers; of several inputs one after the other. */
  readonly inputs: readonly Row[];
  /** What gradients are taken at: the inputs, or a text's vectors. */
  readonly points: readonly Row[];
  /** The class of each input that is explained. */
  readonly targets: readonly number[];
  readonly units: number;

  constructor(readonly network: Network) {
    const parts = valuesOf(network);
    this.inputs = Array.from({ length: inputCount }, (_, i) =>
      Float32Array.from(
        parts.flatMap((part, p) => {
          const size = sizeOf(network.shapes[p]);
          return Array.from(part.subarray(i * size, (i + 1) * size));
        }),
      ),
    );
    const outputs = this.run({ bare: true }, this.inputs);
    this.units = network.places ? 3 : outputs[0].length;
    this.targets = outputs.map((row) => (network.places || this.regression ? 0 : this.decide(row)));
    this.points = network.words ? this.inputs.map((row) => weightsOfVectors(network, row)) : this.inputs;
  }

  get bounds(): readonly [number, number] {
    return this.network.options?.bounds ?? (this.network.shapes[0].length === 3 ? [0, 1] : [-Infinity, Infinity]);
  }

  get regression(): boolean {
    return this.network.refused?.attack?.source.includes("linear") === true;
  }

  get sigmoid(): boolean {
    return (
      !this.regression &&
      !this.network.places &&
      this.whole(this.inputs).some((row) => Math.abs(row.reduce((a, b) => a + b, 0) - 1) > 1e-3)
    );
  }

  /** The whole network's outputs, with the activation at its end. */
  whole(rows: readonly Row[]): Float32Array[] {
    return this.run({}, rows);
  }

  /** As TF.js's own `predict` gives them. @param extra for a form with a probe */
  run(form: Form, rows: readonly Row[], extra?: readonly Row[]): Float32Array[] {
    const key = JSON.stringify(form);
    const model = this.forms.get(key) ?? formOf(this.network, form);
    this.forms.set(key, model);
    return tf.tidy(() => {
      const given = this.tensors(
        rows,
        form.vectors ? [model.inputs[0].shape.slice(1) as number[]] : this.network.shapes,
      );
      if (extra)
        given.push(tf.tensor(flatten(extra), [rows.length, ...(model.inputs.at(-1)!.shape.slice(1) as number[])]));
      const made = model.predict(given.length === 1 ? given[0] : given, { batchSize: 256 });
      const output = Array.isArray(made) ? made[0] : made,
        values = output.dataSync() as Float32Array,
        size = values.length / rows.length;
      return rows.map((_, i) => values.slice(i * size, (i + 1) * size));
    });
  }

  /** What is explained of each row: the logit of the class of the input that it comes from. */
  scores(rows: readonly Row[], which: readonly number[], form: Form = {}, extra?: readonly Row[]): number[] {
    return this.run({ ...form, bare: true }, rows, extra).map((output, i) =>
      this.scoreOf(output, this.targets[which[i]]),
    );
  }

  /** The same at points, which may be vectors. */
  scoresAt(points: readonly Row[], which: readonly number[], logarithm = false): number[] {
    const form = { bare: true, ...(this.network.words && { vectors: true }) };
    return this.run(form, points).map((output, i) =>
      logarithm ? this.logarithm(output, this.targets[which[i]]) : this.scoreOf(output, this.targets[which[i]]),
    );
  }

  scoreOf(output: ArrayLike<number>, target: number): number {
    if (this.network.places)
      return Array.from(output).reduce(
        (sum, value, i) => sum + (i % 3 === 1 && Math.floor(i / 3) % 8 < 4 ? value : 0),
        0,
      );
    return this.units === 1 && !this.regression ? (target === 0 ? -1 : 1) * output[0] : output[target];
  }

  /** The logarithm of a class's probability, by its definition. */
  logarithm(output: ArrayLike<number>, target: number): number {
    if (this.sigmoid) return -Math.log1p(Math.exp(-this.scoreOf(output, target)));
    const most = Math.max(...Array.from(output));
    return output[target] - most - Math.log(Array.from(output).reduce((sum, value) => sum + Math.exp(value - most), 0));
  }

  decide(output: ArrayLike<number>): number {
    if (output.length === 1) return Number(output[0] > 0);
    return Array.from(output).indexOf(Math.max(...Array.from(output)));
  }

  /** The difference quotient of what is explained of an input along a direction; undefined where a kink is near. */
  slope(input: number, at: Row, direction: ArrayLike<number>, logarithm = false): number | undefined {
    const length = Math.max(...Array.from(direction, Math.abs)),
      steps = [8e-3, 4e-3, 2e-3].map((step) => step / (length || 1));
    const rows = [0, ...steps.flatMap((step) => [step, -step])].map((each) =>
      Float32Array.from(at, (value, i) => value + each * direction[i]),
    );
    const [middle, ...around] = this.scoresAt(
      rows,
      rows.map(() => input),
      logarithm,
    );
    const quotients = steps.map((step, i) => (around[2 * i] - around[2 * i + 1]) / (2 * step)),
      [far, mid, near] = quotients;
    // A kink bends the way: to one side the score moves otherwise than to the other, or near otherwise than far.
    const sides = steps.map((step, i) => Math.abs(around[2 * i] + around[2 * i + 1] - 2 * middle) / step);
    const close = 1e-2 * Math.max(...quotients.map(Math.abs)) + 4e-4 * length;
    return Math.max(Math.abs(far - mid), Math.abs(mid - near)) <= close && Math.max(...sides) <= 3 * close
      ? (far + mid + near) / 3
      : undefined;
  }

  /** The gradient by TensorFlow.js's own tape, rectifiers passing back by the rule as it is written in `builder.ts`. */
  ruled(rule: "standard" | "guided" | "deconvolution"): Float32Array[] {
    const model = formOf(this.network, { bare: true, rule, ...(this.network.words && { vectors: true }) });
    const shapes = model.inputs.map(({ shape }) => shape.slice(1) as number[]);
    const gradients = this.points.map((point, i) => this.taped(model, i, this.tensors([point], shapes)));
    model.dispose();
    return gradients;
  }

  /** The gradient at a layer's output, of one input. */
  private probed(layer: string, i: number): Float32Array {
    const model = formOf(this.network, { bare: true, rule: "standard", probe: layer });
    const given = [
      ...this.tensors([this.inputs[i]], this.network.shapes),
      tf.zeros([1, ...(model.inputs.at(-1)!.shape.slice(1) as number[])]),
    ];
    const gradient = this.taped(model, i, given, given.length - 1);
    model.dispose();
    return gradient;
  }

  private taped(model: tf.LayersModel, i: number, given: tf.Tensor[], from = 0): Float32Array {
    const values = tf.tidy(() => {
      const gradients = tf.grads((...xs: tf.Tensor[]) => {
        const made = model.apply(xs.length === 1 ? xs[0] : xs) as tf.Tensor | tf.Tensor[],
          output = Array.isArray(made) ? made[0] : made;
        const row = this.network.places
          ? Float32Array.from({ length: output.size }, (_, at) => Number(at % 3 === 1 && Math.floor(at / 3) % 8 < 4))
          : Float32Array.from({ length: this.units }, (_, unit) =>
              this.scoreOf(
                Float32Array.from({ length: this.units }, (_, u) => Number(u === unit)),
                this.targets[i],
              ),
            );
        return tf.sum(tf.mul(output, tf.tensor(row, [1, ...output.shape.slice(1)])));
      })(given);
      return Float32Array.from(gradients.slice(from).flatMap((gradient) => Array.from(gradient.dataSync())));
    });
    tf.dispose(given);
    return values;
  }

  /** Grad-CAM by its definition: a channel's weight is how the score moves when the channel rises everywhere. */
  classActivation(layer: string, signed: boolean): { map: Float64Array; shape: readonly number[] }[] {
    const [height, width, channels] = formOf(this.network, { until: layer, bare: true }).outputs[0].shape.slice(
      1,
    ) as number[];
    return this.inputs.map((row, i) => {
      const activation = this.run({ until: layer, bare: true }, [row])[0],
        eps = 2e-3;
      const changes = Array.from({ length: 2 * channels }, (_, k) =>
        Float32Array.from(activation, (_, at) => (at % channels === k >> 1 ? (k % 2 ? -eps : eps) : 0)),
      );
      const scores = this.scores(
          changes.map(() => row),
          changes.map(() => i),
          { probe: layer },
          changes,
        ),
        places = height * width;
      // By the tape of the whole network, at the further input, it is the same more exactly: there is no kink on the
      // way.
      const slopes = this.probed(layer, i),
        map = new Float64Array(places);
      for (let channel = 0; channel < channels; channel++) {
        const byDifference = (scores[2 * channel] - scores[2 * channel + 1]) / (2 * eps),
          bySlope = slopes.reduce((sum, value, at) => (at % channels === channel ? sum + value : sum), 0);
        const near = Math.abs(byDifference - bySlope) <= 0.1 * Math.hypot(...slopes) * Math.sqrt(places) + 1e-3;
        if (!near)
          throw new Error(`channel ${channel} of ${layer}: ${byDifference} by difference, ${bySlope} by the tape`);
        for (let place = 0; place < places; place++)
          map[place] += (activation[place * channels + channel] * bySlope) / places;
      }
      return { map: signed ? map : map.map((value) => Math.max(0, value)), shape: [height, width, channels] };
    });
  }

  /** Windows one after the other, each in a copy of its own. */
  occlusion(
    shape: readonly number[],
    window: readonly number[],
    stride: readonly number[],
    baseline: number,
  ): Float64Array[] {
    const starts = shape.map((side, axis) => {
      const all = [0];
      while (all.at(-1)! + window[axis] < side) all.push(all.at(-1)! + stride[axis]);
      return all;
    });
    const places = starts.reduce<number[][]>(
      (rest, all) => rest.flatMap((before) => all.map((start) => [...before, start])),
      [[]],
    );
    const coordinates = Array.from({ length: sizeOf(shape) }, (_, at) =>
      shape.map((_, axis) => Math.floor(at / sizeOf(shape.slice(axis + 1))) % shape[axis]),
    );
    const covered = places.map((place) =>
      coordinates.map((at) => at.every((value, axis) => value >= place[axis] && value < place[axis] + window[axis])),
    );
    return this.inputs.map((row, i) => {
      const rows = covered.map((mask) => row.map((value, at) => (mask[at] ? baseline : value)));
      const scores = this.scores(
          [...rows, row],
          [...rows, row].map(() => i),
        ),
        whole = scores.at(-1)!;
      return Float64Array.from(row, (_, at) => {
        const falls = covered.flatMap((mask, k) => (mask[at] ? [whole - scores[k]] : []));
        return falls.reduce((a, b) => a + b, 0) / falls.length;
      });
    });
  }

  /** Directions along a few of the numbers, so that few kinks lie on the way. */
  directions(count: number, size: number): Float32Array[] {
    const next = chance(`directions ${this.network.name}`);
    return Array.from({ length: count }, () => {
      const direction = new Float32Array(size);
      for (let i = 0; i < 5; i++) direction[Math.floor(size * next())] = next() < 0.5 ? -1 : 1;
      return direction;
    });
  }

  tensors(rows: readonly Row[], shapes: readonly (readonly number[])[]): tf.Tensor[] {
    let from = 0;
    return shapes.map((shape) => {
      const size = sizeOf(shape),
        start = from;
      from += size;
      return tf.tensor(flatten(rows.map((row) => row.subarray(start, start + size))), [rows.length, ...shape]);
    });
  }

  /** As a caller gives them. @param which of them */
  given(which: readonly number[] = this.inputs.map((_, i) => i)): tf.Tensor | tf.Tensor[] {
    const made = this.tensors(
      which.map((i) => this.inputs[i]),
      this.network.shapes,
    );
    return made.length === 1 ? made[0] : made;
  }

  dispose(): void {
    this.forms.forEach((model) => model.dispose());
    this.forms.clear();
  }
}

const flatten = (rows: readonly Row[]): Float32Array => {
  const all = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
  let at = 0;
  for (const row of rows) {
    all.set(row, at);
    at += row.length;
  }
  return all;
};
