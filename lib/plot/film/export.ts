// Films as files: GIF by gifenc, MP4 by ffmpeg.
import { checkOptions, integer, number, progressAndSignal, text, type Checked, type Schema } from "../../core/options";
import { notebookHost, checkpoint } from "../../runtime/host";
import { type ProgressReport, startProgress, type ProgressTracker } from "../../runtime/progress";
import { badInput, VitrineError, FileError } from "../../core/errors";
import { isRecording, type TrainingRecording } from "../../training/recording/training-recording";
import type { Figure } from "../figure";
import { figureReel } from "./reel";
import { thinned } from "./moments";
import { ReelPainter, type PaintedFrame } from "./paint";
import { checkedRecording, filmOptions, filmPlan, type FilmOptions } from "./recording-film";
import { recordingReel } from "./recording-reel";
import { open, stat } from "node:fs/promises";
import * as path from "node:path";
import { replaceWhole, writeError } from "../../core/files";
import { scaleColours } from "./tiles";
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";

export interface ExportOptions extends FilmOptions {
  /** At most so many frames, evenly over the recording; of a figure all are taken. Integer ≥ 2. Default: all. */
  frames?: number;
  /** Pixels of the picture per pixel of the figure. Number above 0 and at most 4. Default: 1. */
  pixelRatio?: number;
  /**
   * Called after every frame. Default: for work longer than a second a bar in the notebook, or a line on a terminal.
   */
  onProgress?: (report: ProgressReport) => void;
  /** Stops the work with an `InterruptedError`; no file is left. Default: the running cell's own interrupt. */
  signal?: AbortSignal;
}

export const exportOptions = {
  ...filmOptions,
  frames: integer({ least: 2, rule: "all", help: "at most so many, evenly over the recording" }),
  pixelRatio: number({ above: 0, most: 4, default: 1, help: "pixels of the picture per pixel of the figure" }),
  ...progressAndSignal<ProgressReport>(),
} satisfies Schema<ExportOptions>;

/** What is exported: a recording, laid out as `recordingFilm` would, or a figure with frames. */
export type FilmSource = TrainingRecording | Figure;

/** Paints the frames one after the other and hands each on. @returns how many */
async function paintAll(
  source: FilmSource,
  options: Checked<typeof exportOptions>,
  label: string,
  use: (frame: PaintedFrame, duration: number) => Promise<void> | void,
): Promise<number> {
  const { pixelRatio, onProgress, signal = notebookHost()?.signal } = options;
  const reel = isRecording(source)
    ? await recordingReel(source, {
        ...filmPlan(source, options, thinned(checkedRecording(source).frames, options.frames ?? source.frames)),
        mapSide: 160 * Math.max(1, pixelRatio),
        below: 0,
      })
    : await figureReel(source, options.duration);
  const painter = await ReelPainter.open(reel, pixelRatio);
  const progress: ProgressTracker = startProgress({ label, total: reel.count, onProgress });
  try {
    for (let i = 0; i < reel.count; i++) {
      await checkpoint(signal);
      await use(await painter.paint(i), reel.duration);
      progress.advance();
    }
  } finally {
    progress.end();
  }
  return reel.count;
}

/** @throws BadInputError unless the path ends so */
function checkedPath(path: unknown, ending: string): string {
  if (typeof path !== "string" || !path.toLowerCase().endsWith(ending))
    badInput({ what: "path", got: path, allowed: `a path that ends in ${ending}` });
  return path;
}

type Palette = number[][];
/** The part of gifenc that is used; it comes without types. */
interface GifLibrary {
  GIFEncoder(options?: { initialCapacity?: number }): {
    writeFrame(
      index: Uint8Array,
      width: number,
      height: number,
      options: {
        palette?: Palette;
        delay: number;
        transparent?: boolean;
        transparentIndex?: number;
        dispose?: number;
        repeat?: number;
      },
    ): void;
    finish(): void;
    bytes(): Uint8Array;
    stream: { reset(): void };
  };
  quantize(rgba: Uint8Array, colors: number): Palette;
  applyPalette(rgba: Uint8Array, palette: Palette): Uint8Array;
}

/** White, where a map is 0, and black. */
const grounds = [
  [255, 255, 255],
  [247, 247, 247],
  [0, 0, 0],
];
const groundPixels = Uint8Array.from(grounds.flatMap((color) => [...color, 255]));
/** Colours of all frames, one place of the 256 being for "as before". */
const colours = 255;

/**
 * Writes a film as an animated GIF that plays for ever. Needs nothing but Vitrine. Its frames share 255 colours, and
 * hold only what changed. Written beside `file` and renamed at the end: an interrupted or failed export leaves no file.
 * @param source a recording, laid out as `recordingFilm` would, with all its frames; or the figure that `recordingFilm`
 * returned
 * @returns frames and bytes written
 * @throws BadInputError; FileError where it cannot be written; InterruptedError
 * @example await exportGif(await openRecording("film"), "film.gif", { frames: 100 })
 */
export async function exportGif(
  source: FilmSource,
  file: string,
  options: ExportOptions = {},
): Promise<{ frames: number; bytes: number }> {
  const target = path.resolve(checkedPath(file, ".gif")),
    checked = checkOptions(exportOptions, options);
  const { GIFEncoder, quantize, applyPalette } = require("gifenc") as GifLibrary;
  const gif = GIFEncoder({ initialCapacity: 1 << 20 });
  let palette: Palette | undefined,
    before: Uint8Array | undefined,
    bytes = 0;
  return replaceWhole(target, async (partial) => {
    const out = await open(partial, "w").catch((error: unknown) => {
      throw writeError(target, error);
    });
    try {
      const write = async (): Promise<void> => {
        const part = gif.bytes();
        gif.stream.reset();
        bytes += part.length;
        await out.writeFile(part).catch((error: unknown) => {
          throw writeError(target, error);
        });
      };
      const frames = await paintAll(
        source,
        checked,
        "drawing a GIF",
        async ({ width, height, pixels }: PaintedFrame, duration) => {
          const first = palette === undefined;
          palette ??= paletteOf(pixels, quantize);
          // gifenc takes colours that are nearly alike for one, as it meets the first of them: the grounds come first.
          const index = applyPalette(Buffer.concat([groundPixels, pixels]), palette).subarray(grounds.length);
          const changed = before ? index.map((color, i) => (color === before![i] ? colours : color)) : index;
          before = index;
          gif.writeFrame(changed, width, height, {
            delay: duration,
            dispose: 1,
            ...(first ? { palette: [...palette, [0, 0, 0]] } : { transparent: true, transparentIndex: colours }),
          });
          await write();
        },
      );
      gif.finish();
      await write();
      return { frames, bytes };
    } finally {
      await out.close();
    }
  });
}

/** The grounds exactly, then the first frame's colours, and those of the maps' scales, which later frames need. */
function paletteOf(pixels: Uint8Array, quantize: GifLibrary["quantize"]): Palette {
  return [
    ...grounds,
    ...quantize(Buffer.concat([pixels, scaleColours()]), colours - grounds.length).map((color) => color.slice(0, 3)),
  ];
}

export interface ExportMp4Options extends ExportOptions {
  /** The program. Default: "ffmpeg", where the PATH has it. */
  ffmpeg?: string;
}

export const exportMp4Options = {
  ...exportOptions,
  ffmpeg: text({ words: "the name or path of a program", default: "ffmpeg", help: "the program" }),
} satisfies Schema<ExportMp4Options>;

/**
 * Writes a film as an MP4 (H.264, which every browser plays), by ffmpeg. Written beside `file` and renamed at the end:
 * an interrupted or failed export leaves no file.
 * @param source as for `exportGif`
 * @returns frames and bytes written
 * @throws VitrineError where there is no ffmpeg; BadInputError; FileError; InterruptedError
 * @example await exportMp4(await openRecording("film"), "film.mp4", { duration: 40 })
 */
export async function exportMp4(
  source: FilmSource,
  file: string,
  options: ExportMp4Options = {},
): Promise<{ frames: number; bytes: number }> {
  const target = path.resolve(checkedPath(file, ".mp4")),
    { ffmpeg, ...rest } = checkOptions(exportMp4Options, options);
  await available(ffmpeg);
  return replaceWhole(target, async (partial) => {
    let encoder: Encoder | undefined;
    try {
      const frames = await paintAll(source, rest, "drawing a film", async ({ width, height, pixels }, duration) => {
        encoder ??= new Encoder(ffmpeg, { width, height, rate: 1000 / duration, file: partial });
        await encoder.write(pixels);
      });
      await encoder!.end(target);
      return { frames, bytes: (await stat(partial)).size };
    } finally {
      encoder?.stop();
    }
  });
}

async function available(ffmpeg: string): Promise<void> {
  const child = spawn(ffmpeg, ["-version"], { stdio: "ignore" });
  await new Promise<void>((resolve, reject) => {
    child.once("exit", () => resolve());
    child.once("error", () =>
      reject(
        new VitrineError(
          `There is no program ${ffmpeg}, which makes MP4 films: install ffmpeg (apt install ffmpeg, brew ` +
            `install ffmpeg), or use exportGif, which needs nothing.`,
        ),
      ),
    );
  });
}

/** A running ffmpeg that is given raw pictures. */
class Encoder {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly exit: Promise<number | null>;
  private said = "";

  constructor(
    ffmpeg: string,
    { width, height, rate, file }: { width: number; height: number; rate: number; file: string },
  ) {
    this.child = spawn(ffmpeg, [
      "-hide_banner",
      "-loglevel",
      "error",
      "-y",
      "-f",
      "rawvideo",
      "-pix_fmt",
      "rgba",
      "-s",
      `${width}x${height}`,
      "-r",
      String(rate),
      "-i",
      "-",
      // H.264 wants even sides; yuv420p is what every player takes.
      "-vf",
      "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=white",
      "-c:v",
      "libx264",
      "-crf",
      "18",
      "-pix_fmt",
      "yuv420p",
      "-movflags",
      "+faststart",
      "-f",
      "mp4",
      file,
    ]);
    this.child.stderr.on("data", (chunk: Buffer) => {
      this.said = (this.said + chunk.toString()).slice(-2000);
    });
    this.child.stdin.on("error", () => undefined);
    this.exit = once(this.child, "exit").then(([code]) => code as number | null);
  }

  async write(pixels: Uint8Array): Promise<void> {
    if (this.child.exitCode === null && !this.child.stdin.write(pixels))
      await Promise.race([once(this.child.stdin, "drain"), this.exit]);
  }

  /** @throws FileError in ffmpeg's words */
  async end(target: string): Promise<void> {
    this.child.stdin.end();
    const code = await this.exit;
    if (code !== 0)
      throw new FileError(
        target,
        `cannot be made: ffmpeg says ${JSON.stringify(this.said.trim().split("\n").pop() ?? `exit ${code}`)}`,
      );
  }

  stop(): void {
    if (this.child.exitCode === null) this.child.kill("SIGKILL");
  }
}
