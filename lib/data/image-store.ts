// Decoded pictures kept on disk, so that each is decoded once.
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { InterruptedError, FileError } from "../core/errors";
import { replaceWhole, writeAtomically } from "../core/files";
import { type ProgressReport, startProgress } from "../runtime/progress";
import { loadSharp, type Sharp } from "./image-decoders";

/** One picture of a folder. */
export interface ImageFile {
  /** Absolute. */
  readonly file: string;
  /** Class index. */
  readonly label: number;
}

export interface SkippedImage {
  readonly file: string;
  /** Why it cannot be decoded, in words. */
  readonly reason: string;
}

export interface StoreOptions {
  /** Side of the square that each picture becomes. */
  readonly size: number;
  readonly channels: 1 | 3;
  /** Where the store is kept. */
  readonly folder: string;
  readonly onProgress?: (report: ProgressReport) => void;
  readonly signal?: AbortSignal;
}

/** What `index.json` of a store says. */
interface Index {
  readonly kept: readonly number[];
  readonly skipped: readonly SkippedImage[];
}

/** Decoded at a time: libvips has threads of its own, and each picture takes some megabytes while it is decoded. */
const together = 8;

/**
 * Pictures decoded once, outside the main thread, into one file of bytes on disk: however many there are, only those
 * that are asked for are in memory. A store that is there for the same files, size and colours is used again.
 */
export class ImageStore {
  private constructor(
    private readonly handle: fs.promises.FileHandle,
    private readonly bytes: number,
    readonly images: readonly ImageFile[],
    readonly skipped: readonly SkippedImage[],
  ) {}

  /** @throws InterruptedError; whatever the disk says. Nothing half-written is left to be used. */
  static async open(files: readonly ImageFile[], options: StoreOptions): Promise<ImageStore> {
    const { size, channels, folder } = options;
    const name = path.join(folder, `${identity(files, size, channels)}`);
    const index = read(`${name}.json`) ?? (await decodeAll(files, name, options));
    const handle = await fs.promises.open(`${name}.u8`, "r");
    return new ImageStore(
      handle,
      size * size * channels,
      index.kept.map((i) => files[i]),
      index.skipped,
    );
  }

  /** @param positions in `images` @returns [positions, size, size, channels] as bytes */
  async read(positions: readonly number[]): Promise<Uint8Array> {
    const pixels = new Uint8Array(positions.length * this.bytes);
    await Promise.all(
      positions.map((position, i) => this.handle.read(pixels, i * this.bytes, this.bytes, position * this.bytes)),
    );
    return pixels;
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/** The same for the same files with the same contents, as far as size and time of change tell. */
function identity(files: readonly ImageFile[], size: number, channels: number): string {
  const hash = createHash("sha256");
  for (const { file, label } of files) {
    const { size: bytes, mtimeMs } = fs.statSync(file);
    hash.update(`${file}\0${label}\0${bytes}\0${mtimeMs}\n`);
  }
  return `${size}x${size}x${channels}-${hash.digest("hex").slice(0, 16)}`;
}

function read(file: string): Index | undefined {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8")) as Index;
  } catch {
    return undefined;
  }
}

async function decodeAll(
  files: readonly ImageFile[],
  name: string,
  { size, channels, onProgress, signal }: StoreOptions,
): Promise<Index> {
  const sharp = loadSharp();
  if (typeof sharp === "string") {
    const problem = `holds pictures, which the package sharp decodes, and that cannot be loaded (${sharp})`;
    throw new FileError(path.dirname(files[0].file), problem, "Install it: npm install.");
  }
  const progress = startProgress({ label: "decoding photographs", total: files.length, onProgress });
  const kept: number[] = [],
    skipped: SkippedImage[] = [];
  await replaceWhole(`${name}.u8`, async (partial) => {
    const out = await fs.promises.open(partial, "w");
    try {
      for (let start = 0; start < files.length; start += together) {
        if (signal?.aborted) throw new InterruptedError("Interrupted: the photographs are not all decoded.");
        const block = files.slice(start, start + together);
        const decoded = await Promise.all(block.map(({ file }) => decode(sharp, file, size, channels)));
        for (let i = 0; i < decoded.length; i++) {
          const each = decoded[i];
          if (typeof each === "string") {
            skipped.push({ file: block[i].file, reason: each });
            continue;
          }
          kept.push(start + i);
          await out.writeFile(each);
        }
        progress.advance(block.length);
      }
    } finally {
      await out.close();
    }
  }).finally(() => progress.end());
  const index = { kept, skipped };
  // Last: a store without its index is made again.
  await writeAtomically(`${name}.json`, JSON.stringify(index));
  return index;
}

/**
 * Resized while it is decoded, and rounded as libvips does both: by a pixel beside `fit` at times. The networks that
 * are there were trained on these.
 * @returns the middle square, or why it cannot be obtained
 */
async function decode(sharp: Sharp, file: string, size: number, channels: 1 | 3): Promise<Uint8Array | string> {
  try {
    const picture = sharp(file, { failOn: "error" })
      .rotate()
      .resize(size, size, { fit: "cover", kernel: "lanczos3" })
      .flatten({ background: "#ffffff" });
    const { data, info } = await (channels === 1 ? picture.toColourspace("b-w") : picture.toColourspace("srgb"))
      .raw()
      .toBuffer({ resolveWithObject: true });
    return info.channels === channels ? data : `it has ${info.channels} colour channels`;
  } catch (error) {
    return (error as Error).message.split("\n")[0];
  }
}
