import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { FileError } from "../../core/errors";

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
