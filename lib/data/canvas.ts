/** The little of the canvas API that is used here. */
export interface Canvas {
  width: number;
  height: number;
  getContext(kind: "2d"): CanvasContext;
}
export interface CanvasContext {
  fillStyle: unknown;
  fillRect(x: number, y: number, width: number, height: number): void;
  drawImage(image: unknown, x: number, y: number): void;
  getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray };
}
export interface CanvasLibrary {
  createCanvas(width: number, height: number): Canvas;
  loadImage(source: Buffer): Promise<{ width: number; height: number }>;
}

export interface CanvasChoice {
  readonly name: "canvas" | "@napi-rs/canvas";
  readonly library: CanvasLibrary;
  /** Why not `canvas`, where it is not. */
  readonly passedOver?: string;
}

let choice: CanvasChoice | undefined;

/**
 * `canvas` where it is built, else `@napi-rs/canvas`, whose binary comes inside its npm package. Loaded at the first
 * call.
 */
export function canvas(): CanvasChoice {
  if (choice) return choice;
  try {
    return (choice = { name: "canvas", library: require("canvas") as CanvasLibrary });
  } catch (error) {
    const passedOver = (error as Error).message.split("\n")[0];
    return (choice = { name: "@napi-rs/canvas", library: require("@napi-rs/canvas") as CanvasLibrary, passedOver });
  }
}
