// An SVG as pixels, by resvg in WebAssembly.
import { needed } from "../../core/needed";
import { readFileSync } from "node:fs";
import { compileFunction } from "node:vm";
import type { ResvgRenderOptions } from "@resvg/resvg-wasm";
import { VitrineError } from "../../core/errors";
import { monoFamily, sansFamily } from "../faces";
import { fontFiles } from "../font-metrics";

type ResvgLibrary = typeof import("@resvg/resvg-wasm");
type Raster = ReturnType<InstanceType<ResvgLibrary["Resvg"]>["render"]>;

/** What is used of it; its types are a browser's. */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object>; readonly RuntimeError: new () => Error };

/** A picture's pixels: red, green, blue and opaque, four bytes each. */
export interface RasterPixels {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Memory of WebAssembly grows and never shrinks: after a picture of more pixels the next one starts afresh. */
const largest = 16e6;

let parts: Promise<{ script: string; module: object; fonts: Uint8Array[] }> | undefined;
let ready: ResvgLibrary | undefined;

/** An SVG file as a PNG file. @throws VitrineError where it cannot be drawn; the next one can */
export const rasterPng = (svg: string, scale: number): Promise<Buffer> =>
  rasterized(svg, scale, (raster) => Buffer.from(raster.asPng()));

/** An SVG file as pixels. @throws VitrineError as `rasterPng` */
export const rasterPixels = (svg: string, scale: number): Promise<RasterPixels> =>
  rasterized(svg, scale, (raster) => ({ width: raster.width, height: raster.height, pixels: raster.pixels }));

/**
 * Draws by resvg in WebAssembly. Its native build draws the same pixels, but ends the whole process, a kernel with all
 * variables, where it meets what it did not expect or gets no memory; here that is an error like others.
 */
async function rasterized<T>(svg: string, scale: number, take: (raster: Raster) => T): Promise<T> {
  const { fonts } = await (parts ??= readParts());
  // Nothing waits between here and the end: of several pictures at once none gets an instance in which another failed.
  const begun = ready ? undefined : await newInstance();
  const { Resvg } = (ready ??= begun!);
  const made: { free(): void }[] = [];
  try {
    const picture = new Resvg(svg, optionsFor(scale, fonts));
    made.push(picture);
    const raster = picture.render();
    made.unshift(raster);
    if (raster.width * raster.height > largest) ready = undefined;
    return take(raster);
  } catch (error) {
    // What stopped halfway is in no state to go on with.
    ready = undefined;
    throw new VitrineError(`The figure could not be drawn as a picture (${reasonOf(error)}). ${remedy}`);
  } finally {
    made.forEach(freed);
  }
}

const remedy =
  "Leave out values far outside of the axes, or give the axes a range that holds them; or draw it smaller.";

function optionsFor(scale: number, fontBuffers: Uint8Array[]): ResvgRenderOptions {
  return {
    font: {
      fontBuffers,
      defaultFontFamily: sansFamily,
      sansSerifFamily: sansFamily,
      serifFamily: sansFamily,
      monospaceFamily: monoFamily,
    },
    fitTo: { mode: "zoom", value: scale },
    background: "white",
  };
}

/** In resvg's words, unless they are WebAssembly's. */
function reasonOf(error: unknown): string {
  if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) return "the rasterizer stopped";
  return String((error as Error)?.message ?? error).split("\n")[0];
}

/** By hand: after a failure freeing fails too, and in the garbage collector's turn that would end the process. */
function freed(object: { free(): void }): void {
  try {
    object.free();
  } catch {
    /* its instance goes as a whole */
  }
}

async function readParts() {
  const name = "@resvg/resvg-wasm";
  const script = readFileSync(
    needed(name, "A figure as a picture", () => require.resolve(name)),
    "utf8",
  );
  const module = await WebAssembly.compile(readFileSync(require.resolve("@resvg/resvg-wasm/index_bg.wasm")));
  return { script, module, fonts: fontFiles().map((file) => new Uint8Array(readFileSync(file))) };
}

/** What `require` gives is the same each time, and takes one instance: the script runs again, in milliseconds. */
async function newInstance(): Promise<ResvgLibrary> {
  const { script, module } = await (parts ??= readParts());
  const own = { exports: {} as ResvgLibrary };
  const run = compileFunction(script, ["module"], { filename: require.resolve("@resvg/resvg-wasm") });
  (run as (own: object) => void)(own);
  await own.exports.initWasm(module as Parameters<ResvgLibrary["initWasm"]>[0]);
  return own.exports;
}

/** Characters that XML does not have: of control characters, halves of surrogate pairs and non-characters. */
const notXml = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/**
 * Mends what jsdom and resvg understand otherwise than a browser. Plotly hides quotes inside styles behind a marker
 * that it takes out again by the quotes a browser's serializer writes beside it; jsdom's writes none, and a marker
 * left in `fill: url(…)` paints a colour bar black. resvg knows `pixelated` by its older name.
 * @param sharp data URLs of images whose pixels stay sharp
 */
export function readableByResvg(svg: string, sharp: readonly string[] = []): string {
  let readable = svg
    .replace(notXml, "")
    .replace(/(?:&quot;|")?TOBESTRIPPED(?:&quot;|")?/g, "'")
    .replace(/url\((?:&quot;|')#([^)]*?)(?:&quot;|')\)/g, "url(#$1)")
    .replace(/image-rendering: pixelated/g, "image-rendering: optimizeSpeed");
  for (const source of new Set(sharp))
    readable = readable.replaceAll(`xlink:href="${source}"`, `image-rendering="optimizeSpeed" xlink:href="${source}"`);
  return readable;
}
