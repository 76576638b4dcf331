// A recording's files: its header, and frames of one size, whole or not there.
import { readFile, open, type FileHandle } from "node:fs/promises";
import * as path from "node:path";
import { FileError } from "../../core/errors";
import { crc32 } from "../../data/zip";
import { writeError } from "../../core/files";
import { sizeOf } from "../../core/chunks";

/**
 * What `recording.json` says: all that is the same for every frame, and by which a run is known again. README.md beside
 * this file.
 */
export interface RecordingHeader {
  readonly format: "vitrine-recording";
  readonly version: 1;
  /** Kebab-case name of the attribution method, and its options. */
  readonly method: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly classNames: readonly string[];
  /** True class of each image, where they are known. */
  readonly labels?: readonly number[];
  /** [images, height, width, channels] of the images; of other inputs [inputs, …]. */
  readonly imageShape: readonly number[];
  /**
   * [images, height, width, channels] of the attributions; a layer method's own resolution; of tokens, for gradients,
   * [inputs, steps, length of a vector].
   */
  readonly mapShape: readonly number[];
  /** Minibatches done at each frame, in order: the whole plan, however many frames there are yet. */
  readonly steps: readonly number[];
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  /** Settings of the training. */
  readonly training: Readonly<Record<string, unknown>>;
  /** SHA-256 of the training pictures with their labels, and of the images. */
  readonly data: string;
  readonly images: string;
}

export const files = {
  header: (folder: string): string => path.join(folder, "recording.json"),
  images: (folder: string): string => path.join(folder, "images.npy"),
  frames: (folder: string): string => path.join(folder, "frames.bin"),
  state: (folder: string): string => path.join(folder, "state.bin"),
};

/** @returns undefined where there is none @throws FileError for a file that is no such header */
export async function readHeader(folder: string): Promise<RecordingHeader | undefined> {
  const file = files.header(folder);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new FileError(file, `cannot be read: ${code}`);
  }
  let header: RecordingHeader | undefined;
  try {
    header = JSON.parse(text) as RecordingHeader;
  } catch {
    // Said below.
  }
  if (
    header?.format !== "vitrine-recording" ||
    !Array.isArray(header.steps) ||
    !Array.isArray(header.mapShape) ||
    !Array.isArray(header.imageShape)
  )
    throw new FileError(file, "is no header of a recording", "Delete the folder and record again.");
  if (header.version !== 1)
    throw new FileError(
      file,
      `is of version ${String(header.version)}; version 1 is read`,
      "Install the Vitrine that wrote it.",
    );
  return header;
}

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
    this.values = sizeOf(mapShape);
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

/**
 * How many frames of a file are whole, the first `among` of the plan at most: what a crash left behind them is not
 * counted.
 */
export async function countWholeFrames(folder: string, header: RecordingHeader): Promise<number> {
  const format = new FrameFormat(header);
  const handle = await open(files.frames(folder), "r").catch(() => undefined);
  if (!handle) return 0;
  try {
    const { size } = await handle.stat(),
      frame = Buffer.alloc(format.bytes);
    let count = Math.min(header.steps.length, Math.floor(size / format.bytes));
    for (; count > 0; count--) {
      await handle.read(frame, 0, format.bytes, (count - 1) * format.bytes);
      if (format.isWhole(frame, header.steps[count - 1])) break;
    }
    return count;
  } finally {
    await handle.close();
  }
}

/** Appends frames, one after the other, from one buffer that is used again. */
export class FrameWriter {
  private readonly format: FrameFormat;
  private readonly buffer: Buffer;

  private constructor(
    private readonly handle: FileHandle,
    private readonly file: string,
    header: RecordingHeader,
    private count: number,
  ) {
    this.format = new FrameFormat(header);
    // Not from Buffer's pool, whose pieces are not aligned for numbers of four bytes.
    this.buffer = Buffer.from(new ArrayBuffer(this.format.bytes));
  }

  /** @throws FileError */
  static async open(folder: string, header: RecordingHeader, count: number): Promise<FrameWriter> {
    const file = files.frames(folder);
    try {
      return new FrameWriter(await open(file, count === 0 ? "w" : "r+"), file, header, count);
    } catch (error) {
      throw writeError(file, error);
    }
  }

  get frames(): number {
    return this.count;
  }

  /** Forgets all frames after the first `count`. */
  async keep(count: number): Promise<void> {
    this.count = Math.min(this.count, count);
    await this.handle.truncate(this.count * this.format.bytes);
  }

  /** @throws FileError; the file is then as it was before */
  async append(frame: RawFrame): Promise<void> {
    this.format.encode(frame, this.buffer);
    const start = this.count * this.format.bytes;
    try {
      for (let done = 0; done < this.format.bytes;) {
        done += (await this.handle.write(this.buffer, done, this.format.bytes - done, start + done)).bytesWritten;
      }
    } catch (error) {
      await this.handle.truncate(start).catch(() => undefined);
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOSPC" && code !== "EDQUOT" && code !== "EFBIG") throw writeError(this.file, error);
      throw new FileError(
        this.file,
        `takes no frame after the ${this.count}th: the disk is full`,
        "The frames so far can be read; free some space and record again, it goes on.",
      );
    }
    this.count++;
  }

  /** Frames must be on the disk before a training state that counts on them. */
  async flush(): Promise<void> {
    await this.handle.datasync();
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}
