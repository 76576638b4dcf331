import { VitrineError } from "../../errors";

/** What drawing a heatmap asks of a canvas; the npm packages `canvas` and `@napi-rs/canvas` both have it. */
export interface NativeCanvas {
  readonly width: number;
  readonly height: number;
  getContext(kind: "2d"): object;
  toDataURL(type: "image/png"): string;
}

interface CanvasPackage {
  createCanvas(width: number, height: number): NativeCanvas;
}

let chosen: CanvasPackage | undefined;

/** A canvas in memory, from the first package that loads here. @throws VitrineError when neither does. */
export function createCanvas(width: number, height: number): NativeCanvas {
  chosen ??= load();
  return chosen.createCanvas(width, height);
}

function load(): CanvasPackage {
  const reasons: string[] = [];
  for (const name of ["canvas", "@napi-rs/canvas"]) {
    try {
      return require(name) as CanvasPackage;
    } catch (error) {
      reasons.push(`${name}: ${String((error as Error).message).split("\n")[0]}`);
    }
  }
  throw new VitrineError(`No canvas can be loaded (${reasons.join("; ")}); pictures of plots need one. Run "npm install".`);
}
