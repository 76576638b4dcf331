// A network of several inputs is explained as one of a single row of numbers: the inputs, one after the other.
import * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { sizeOf } from "../core/chunks";

/** One of a network's several inputs. */
export interface InputPart {
  readonly name: string;
  /** Without the batch. */
  readonly shape: readonly number[];
}

export const packedSize = (parts: readonly InputPart[]): number =>
  parts.reduce((sum, { shape }) => sum + sizeOf(shape), 0);

/**
 * @param inputs one tensor for each part, in their order: [batch, …shape], or all without the batch
 * @returns [batch, numbers of all parts]; the caller owns it
 * @throws BadInputError
 */
export function pack(parts: readonly InputPart[], inputs: readonly tf.Tensor[], what = "inputs"): tf.Tensor2D {
  const names = parts.map(({ name, shape }) => `${name} [${shape.join(", ")}]`).join(", ");
  if (inputs.length !== parts.length)
    badInput({ what: `the number of ${what}`, got: inputs.length, allowed: `${parts.length}: ${names}` });
  inputs.forEach((input, i) => {
    const { name, shape } = parts[i],
      seen = input instanceof tf.Tensor ? input.shape : undefined;
    const fits =
      seen &&
      [seen, seen.slice(1)].some(
        (some) => some.length === shape.length && some.every((side, axis) => side === shape[axis]),
      );
    if (!fits)
      badInput({
        what: `the shape of ${name} of ${what}`,
        got: seen ?? input,
        allowed: `[batch, ${shape.join(", ")}]`,
      });
  });
  const batches = inputs.map((input, i) => (input.rank > parts[i].shape.length ? input.shape[0] : 1));
  const odd = batches.findIndex((batch) => batch !== batches[0]);
  if (odd > 0)
    badInput({
      what: `the batch of ${parts[odd].name}`,
      got: batches[odd],
      allowed: `${batches[0]}, as ${parts[0].name} has`,
    });
  return tf.tidy(
    () =>
      tf.concat(
        inputs.map((input) => tf.reshape(tf.cast(input, "float32"), [batches[0], -1])),
        1,
      ) as tf.Tensor2D,
  );
}

/**
 * The parts of packed values, each in its own shape. @param packed [batch, numbers of all parts] @returns tensors that
 * the caller owns
 */
export function unpack(parts: readonly InputPart[], packed: tf.Tensor): tf.Tensor[] {
  const [batch] = packed.shape;
  return tf.tidy(() => {
    const pieces = tf.split(
      tf.reshape(packed, [batch, -1]),
      parts.map(({ shape }) => sizeOf(shape)),
      1,
    );
    return pieces.map((piece, i) => tf.reshape(piece, [batch, ...parts[i].shape]));
  });
}

/** As a network's first layer. */
export class Unpack extends tf.layers.Layer {
  static className = "Unpack";

  constructor(private readonly shapes: readonly (readonly number[])[]) {
    super({});
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor[] {
    return unpack(
      this.shapes.map((shape, i) => ({ name: String(i), shape })),
      Array.isArray(inputs) ? inputs[0] : inputs,
    );
  }

  override computeOutputShape(): tf.Shape[] {
    return this.shapes.map((shape) => [null, ...shape]);
  }
}
