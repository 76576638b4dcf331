import * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import type { VisionModel } from "../model/vision-model";
import type { Demands } from "./forward";
import type { ReadyTerm, Seen, Term } from "./term";

/** What is to become large; {@link objectives} makes them. Objectives add, subtract and scale. */
export class Objective implements Term {
  /**
   * @param targets one for each image that the objective is for; undefined: one for any number of images
   * @param make see {@link Term.prepare}
   */
  constructor(
    readonly name: string,
    readonly demands: Demands,
    readonly targets: readonly unknown[] | undefined,
    private readonly make: (model: VisionModel, images: number) => ReadyTerm,
  ) {}

  /** How many images the objective is for; undefined: any number. */
  get count(): number | undefined {
    return this.targets?.length;
  }

  plus(other: Objective): Objective {
    return this.with(other, "+", 1);
  }

  minus(other: Objective): Objective {
    return this.with(other, "−", -1);
  }

  /** @param factor finite */
  times(factor: number): Objective {
    if (!Number.isFinite(factor)) badInput({ what: "factor", got: factor, allowed: "a finite number" });
    return new Objective(`${factor} × ${this.name}`, this.demands, this.targets, (model, images) =>
      scaled(this.prepare(model, images), factor),
    );
  }

  prepare(model: VisionModel, images: number): ReadyTerm {
    if (this.count !== undefined && this.count !== images)
      badInput({ what: "images", got: images, allowed: `${this.count}, one for each target of ${this.name}` });
    return this.make(model, images);
  }

  private with(other: Objective, sign: string, factor: number): Objective {
    if (!(other instanceof Objective))
      badInput({ what: "the other objective", got: other, allowed: "an objective, for instance objectives.logit(3)" });
    if (this.count !== undefined && other.count !== undefined && this.count !== other.count) {
      badInput({
        what: `the number of targets of ${other.name}`,
        got: other.count,
        allowed: `${this.count}, as many as ${this.name} has`,
      });
    }
    const demands = {
      logits: this.demands.logits || other.demands.logits,
      layers: [...new Set([...this.demands.layers, ...other.demands.layers])],
    };
    const [one, two] = [this.targets, other.targets];
    const targets = one && two ? one.map((target, i) => [target, two[i]]) : (one ?? two);
    return new Objective(`${this.name} ${sign} ${other.name}`, demands, targets, (model, images) => {
      const [first, second] = ready([
        () => this.prepare(model, images),
        () => scaled(other.prepare(model, images), factor),
      ]);
      const { length } = first.inputs;
      const value = (seen: Seen, inputs: readonly tf.Tensor[]): tf.Tensor1D =>
        tf.add(first.value(seen, inputs.slice(0, length)), second.value(seen, inputs.slice(length)));
      return { inputs: [...first.inputs, ...second.inputs], value };
    });
  }
}

function scaled(term: ReadyTerm, factor: number): ReadyTerm {
  return {
    inputs: [...term.inputs, tf.scalar(factor)],
    value: (seen, inputs) => tf.mul(term.value(seen, inputs.slice(0, -1)), inputs[inputs.length - 1]),
  };
}

/** Prepares several terms; where one is refused, the tensors of those before it are freed. */
export function ready(terms: readonly (() => ReadyTerm)[]): ReadyTerm[] {
  const made: ReadyTerm[] = [];
  try {
    for (const term of terms) made.push(term());
    return made;
  } catch (error) {
    made.forEach(({ inputs }) => tf.dispose([...inputs]));
    throw error;
  }
}
