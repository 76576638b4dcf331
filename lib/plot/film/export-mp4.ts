import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import * as path from "node:path";
import { FileError, VitrineError } from "../../core/errors";
import { replaceWhole } from "../../core/files";
import { checkedPath, paintAll, type ExportOptions, type FilmSource } from "./export-source";

export interface ExportMp4Options extends ExportOptions {
  /** The program. Default: `ffmpeg`, where the PATH has it. */
  ffmpeg?: string;
}

/**
 * Writes a film as an MP4 (H.264, which every browser plays), by ffmpeg. Written beside `file` and renamed at the end:
 * an interrupted
 * or failed export leaves no file.
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
  const { ffmpeg = "ffmpeg", ...rest } = options,
    target = path.resolve(checkedPath(file, ".mp4"));
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
          `There is no program ${ffmpeg}, which makes MP4 films: install ffmpeg (apt install ffmpeg, brew install ffmpeg), or use exportGif, which needs nothing.`,
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
