import type { Answer } from "./answers";
import { kindKey, network, tensor, type Argument, type Made, type NetworkSpec } from "./arguments";

/** The student's functions in the sandbox, and what they are called with. */
export interface Student {
  /**
   * Calls a function of the student's and waits for what it returns.
   * @throws StudentFault, whose message is words for the student: its own error, no answer in time, the end of its
   * process
   */
  call(name: string, args: readonly Argument[]): Promise<Answer>;
  /** A tensor. @param data row by row */
  tensor(shape: readonly number[], data: ArrayLike<number>, dtype?: "float32" | "int32" | "bool"): Made;
  /** A VisionModel, made in the sandbox of weights given here. */
  network(spec: NetworkSpec): Made;
  /** The function that gives a network's logits: (x: Tensor4D) => Tensor2D. */
  logits(network: Made): Made;
  /**
   * An async iterable that yields one VisionModel again and again: each time it has become the next of these networks,
   * as a network in training does.
   */
  training(networks: readonly Made[]): Made;
  /** The function (x: Tensor4D) => Tensor4D that limits values to a range. */
  clamp(low: number, high: number): Made;
  /** The function (x: Tensor4D) => Tensor4D that gives half of each pixel to the one below, round the edge. */
  smear(): Made;
}

/** @param call asks the sandbox */
export function studentOf(call: Student["call"]): Student {
  return {
    call,
    tensor,
    network,
    logits: (of) => ({ [kindKey]: "logits", network: of }),
    training: (networks) => ({ [kindKey]: "training", networks }),
    clamp: (low, high) => ({ [kindKey]: "clamp", low, high }),
    smear: () => ({ [kindKey]: "smear" }),
  };
}
