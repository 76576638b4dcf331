import { open } from "node:fs/promises";
import * as path from "node:path";
import { replaceWhole, writeError } from "../../core/files";
import { checkedPath, paintAll, type ExportOptions, type FilmSource } from "./export-source";
import type { PaintedFrame } from "./paint";
import { scaleColours } from "./tiles";

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
 * hold only what
 * changed. Written beside `file` and renamed at the end: an interrupted or failed export leaves no file.
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
  const target = path.resolve(checkedPath(file, ".gif"));
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
        options,
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
