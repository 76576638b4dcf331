import { crc32 } from "../../data/zip";
import type { RecordingHeader } from "./header";

/** One frame outside the tensor engine. */
export interface RawFrame {
  /** Minibatches done. */
  readonly step: number;
  /** Running means of the training; NaN before the first minibatch. */
  readonly loss: number;
  readonly accuracy: number;
  /** Class explained, one for each image. */
  readonly targets: Int32Array;
  /** [images, classes] */
  readonly probabilities: Float32Array;
  /** [images, height, width, channels], or as `mapShape` says */
  readonly maps: Float32Array;
}

/** The numbers before the arrays: step, loss, accuracy. */
const leading = 3;

/** Where a frame's parts lie in `frames.bin`; all frames have one size. README.md beside this file. */
export class FrameFormat {
  private readonly images: number;
  private readonly classes: number;
  private readonly values: number;
  /** Bytes of a frame, its checksum included. */
  readonly bytes: number;
  /** Bytes of a frame before its attributions. */
  readonly summaryBytes: number;

  constructor({ mapShape, classNames }: Pick<RecordingHeader, "mapShape" | "classNames">) {
    this.images = mapShape[0];
    this.classes = classNames.length;
    this.values = mapShape.reduce((product, side) => product * side, 1);
    this.summaryBytes = 4 * (leading + this.images * (1 + this.classes));
    this.bytes = this.summaryBytes + 4 * this.values + 4;
  }

  /** @param target `bytes` long, used again for every frame */
  encode({ step, loss, accuracy, targets, probabilities, maps }: RawFrame, target: Buffer): void {
    target.writeUInt32LE(step, 0);
    target.writeFloatLE(loss, 4);
    target.writeFloatLE(accuracy, 8);
    const { buffer, byteOffset } = target,
      at = byteOffset + 4 * leading;
    new Int32Array(buffer, at, this.images).set(targets);
    new Float32Array(buffer, at + 4 * this.images, this.images * this.classes).set(probabilities);
    new Float32Array(buffer, byteOffset + this.summaryBytes, this.values).set(maps);
    target.writeUInt32LE(crc32(target.subarray(0, this.bytes - 4)), this.bytes - 4);
  }

  /** @param bytes of a frame, or only its first `summaryBytes`: `maps` is then empty */
  decode(bytes: Buffer): RawFrame {
    const numbers = (from: number, count: number): ArrayBuffer =>
      Uint8Array.from(bytes.subarray(from, from + 4 * count)).buffer;
    const afterTargets = 4 * (leading + this.images);
    return {
      step: bytes.readUInt32LE(0),
      loss: bytes.readFloatLE(4),
      accuracy: bytes.readFloatLE(8),
      targets: new Int32Array(numbers(4 * leading, this.images)),
      probabilities: new Float32Array(numbers(afterTargets, this.images * this.classes)),
      maps: bytes.length < this.bytes ? new Float32Array(0) : new Float32Array(numbers(this.summaryBytes, this.values)),
    };
  }

  /** Is this a frame as it was written, and the one of that step? */
  isWhole(bytes: Buffer, step: number): boolean {
    return (
      bytes.length === this.bytes &&
      bytes.readUInt32LE(0) === step &&
      bytes.readUInt32LE(this.bytes - 4) === crc32(bytes.subarray(0, this.bytes - 4))
    );
  }
}
