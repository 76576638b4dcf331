import * as path from "node:path";
import { VitrineError } from "../../core/errors";

/** Why a function cannot be compiled. */
export class CompileError extends VitrineError {
  override name = "CompileError";
}

/** A place in the caller's code, found only when somebody asks: V8 makes the text of a stack on demand. */
export class Place {
  private readonly error: Error;

  constructor() {
    const { stackTraceLimit } = Error;
    // TF.js's own frames come first.
    Error.stackTraceLimit = 100;
    this.error = new Error();
    Error.stackTraceLimit = stackTraceLimit;
  }

  /** `at name (file:line:column)`, or nothing where no frame is the caller's. */
  toString(): string {
    const frames = (this.error.stack ?? "")
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
    return frames.find((frame) => !inner(frame)) ?? "";
  }
}

/** lib/backend, as it runs and as a source map may name it. */
const backendFolders = [path.dirname(__dirname), path.dirname(__dirname).replace(/[\\/]dist(?=[\\/]backend$)/, "")].map(
  (folder) => folder + path.sep,
);

/** What is not the caller's: TF.js, lib/backend, and Node. */
const inner = (frame: string): boolean =>
  /@tensorflow[\\/]|tfjs-[\w-]+[\\/]src[\\/]|node:internal|<anonymous>\)?$/.test(frame) ||
  backendFolders.some((folder) => frame.includes(folder));
