import type * as tf from "@tensorflow/tfjs";
import { dataTypes, type OpAttribute } from "./graph-def";
import type { NativeBackend, OpInput, TensorInfo } from "../engine/native-backend";
import { type Abstract, type AbstractOp, type Rule, shapeRules, valueRules, windowRules } from "./shape-rules";

export const rules: Readonly<Record<string, Rule>> = { ...valueRules, ...shapeRules, ...windowRules };

/** Runs an op for real. */
export type Execute = (
  op: string,
  attributes: readonly OpAttribute[],
  inputs: readonly OpInput[],
  outputs: number,
) => tf.Tensor[];

/**
 * Tensors without data in the place of what ops would compute: a function can be watched without computing anything,
 * and without memory for all that its gradient would have to remember.
 */
export class StandIns {
  private readonly made = new WeakSet<object>();

  /** @param read the values of a tensor that is none of these */
  constructor(
    private readonly backend: NativeBackend,
    private readonly read: (dataId: object) => ArrayLike<number>,
  ) {}

  make({ shape, dtype }: Abstract): tf.Tensor {
    const tensor = this.backend.createOutputTensor({ id: NONE, shape: [...shape], dtype: dataTypes[dtype] });
    this.made.add(tensor.dataId);
    return tensor;
  }

  /** What an op's outputs would be. */
  op(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly OpInput[],
    outputs: number,
    execute: Execute,
  ): tf.Tensor[] {
    const known = rules[name]?.(this.seen(name, attributes, inputs));
    return known?.length === outputs
      ? known.map((each) => this.make(each))
      : this.onZeros(name, attributes, inputs, outputs, execute);
  }

  private seen(name: string, attributes: readonly OpAttribute[], inputs: readonly OpInput[]): AbstractOp {
    return {
      name,
      inputs: inputs.map((input) => ("dataId" in input ? input : { shape: [], dtype: "int32" })),
      attribute: (wanted) => attributes.find((each) => each.name === wanted)?.value,
      integers: (index) => {
        const input = inputs[index];
        return "dataId" in input && input.dtype === "int32" && !this.made.has(input.dataId)
          ? Array.from(this.read(input.dataId))
          : undefined;
      },
    };
  }

  /** For ops without a rule: their outputs have the same form whatever the numbers are. */
  private onZeros(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly OpInput[],
    outputs: number,
    execute: Execute,
  ): tf.Tensor[] {
    const zeros: tf.Tensor[] = [];
    const real = inputs.map((input) => {
      if (!("dataId" in input) || !this.made.has(input.dataId)) return input;
      const zero = this.zeros(input, execute);
      zeros.push(zero);
      return zero;
    });
    try {
      return execute(name, attributes, real, outputs).map((tensor) => {
        const stand = this.make(tensor);
        tensor.dispose();
        return stand;
      });
    } finally {
      for (const zero of zeros) zero.dispose();
    }
  }

  private zeros({ shape, dtype }: TensorInfo, execute: Execute): tf.Tensor {
    const { binding } = this.backend,
      size = this.backend.write(Int32Array.from(shape), [shape.length], "int32");
    const zero = this.backend.write(
      dtype === "float32" ? new Float32Array(1) : dtype === "int32" ? new Int32Array(1) : new Uint8Array(1),
      [],
      dtype,
    );
    const attributes = [
      { name: "T", type: binding.TF_ATTR_TYPE, value: dataTypes[dtype] },
      { name: "index_type", type: binding.TF_ATTR_TYPE, value: dataTypes.int32 },
    ];
    try {
      return execute(
        "Fill",
        attributes,
        [
          { dataId: size, shape: [shape.length], dtype: "int32" },
          { dataId: zero, shape: [], dtype },
        ],
        1,
      )[0];
    } finally {
      for (const dataId of [size, zero]) this.backend.disposeData(dataId);
    }
  }
}

/** TF.js's number for a tensor that TensorFlow has nothing of; it frees nothing for it. */
const NONE = -1;
