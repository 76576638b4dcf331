import { open, type FileHandle } from "node:fs/promises";
import { FileError } from "../../core/errors";
import { writeError } from "../../core/files";
import { FrameFormat, type RawFrame } from "./frame-format";
import { files, type RecordingHeader } from "./header";

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
