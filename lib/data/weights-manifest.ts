import * as tf from "@tensorflow/tfjs";
import { FileError } from "../core/errors";

export type WeightSpec = tf.io.WeightsManifestEntry;

const bytesPerValue: Record<string, number> = {
  float32: 4,
  int32: 4,
  bool: 1,
  complex64: 8,
  uint8: 1,
  uint16: 2,
  float16: 2,
};

/** Bytes that a weight takes in its file; undefined for strings, which carry their own length. */
export function weightBytes(spec: WeightSpec): number | undefined {
  const width = bytesPerValue[spec.quantization?.dtype ?? spec.dtype];
  return width === undefined ? undefined : width * tf.util.sizeFromShape(spec.shape);
}

/**
 * Refuses weights that hold a NaN or an infinity: everything computed with them would be one.
 * @param bytes all weights one after the other, in the order of `specs`
 * @param file for the message
 * @throws FileError
 */
export function checkWeightsFinite(bytes: ArrayBuffer, specs: readonly WeightSpec[], file: string): void {
  let offset = 0;
  for (const spec of specs) {
    const size = weightBytes(spec);
    if (size === undefined) return;
    const bad = notFinite(bytes.slice(offset, offset + size), spec);
    if (bad !== undefined) {
      throw new FileError(
        file,
        `has a weight that is ${bad}, in ${spec.name}`,
        "The training diverged, or the file was damaged: fetch it again or train again.",
      );
    }
    offset += size;
  }
}

function notFinite(bytes: ArrayBuffer, spec: WeightSpec): number | undefined {
  const { quantization } = spec;
  if (quantization?.dtype === "float16")
    return new Uint16Array(bytes).some((half) => (half & 0x7c00) === 0x7c00) ? NaN : undefined;
  if (quantization) return [quantization.scale, quantization.min].find((value) => !Number.isFinite(value));
  return spec.dtype === "float32" ? new Float32Array(bytes).find((value) => !Number.isFinite(value)) : undefined;
}
