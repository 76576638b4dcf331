import type { WeightSpec } from "../data/read-model-files";

/** A weight as it is stored: its manifest entry and its bytes. */
export interface StoredWeight {
  readonly spec: WeightSpec;
  readonly bytes: Uint8Array;
}

/**
 * Rounds a float32 weight to 8 bits, value = byte × scale + min, in the form that TF.js's weight manifest knows.
 * No value moves by more than half a step. Vectors (biases, batch norm) stay as they are: they are few, and
 * rounding them shifts whole channels.
 */
export function quantizeUint8(weight: StoredWeight): StoredWeight {
  const { spec, bytes } = weight;
  if (spec.dtype !== "float32" || spec.shape.length < 2) return weight;
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  let min = Infinity,
    max = -Infinity;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const scale = max > min ? (max - min) / 255 : 1;
  return {
    spec: { ...spec, quantization: { dtype: "uint8", scale, min } },
    bytes: Uint8Array.from(values, (value) => Math.round((value - min) / scale)),
  };
}
