import type { CellMaps, Place } from "./source-maps";

/** A place in the student's own code. */
export interface StudentPlace extends Place {
  file: string;
}

const MACHINERY = /^node:|[\\/]kernel-setup[\\/](dist[\\/])?kernel[\\/]/;

/**
 * From now on every `error.stack` names the lines the student wrote, and leaves out Node's and the kernel's frames.
 * Done through V8's hook, so that `console.error(error)` inside a cell is right as well.
 */
export function installStackTraces(maps: CellMaps): void {
  Error.prepareStackTrace = (error, frames) => {
    const lines = frames
      .filter((frame) => !MACHINERY.test(frame.getFileName() ?? "node:"))
      .map((frame) => `    at ${describe(frame, maps)}`);
    return [heading(error), ...lines].join("\n");
  };
}

function describe(frame: NodeJS.CallSite, maps: CellMaps): string {
  // What cells declare lives on a proxy, which V8 takes for the receiver's class.
  const text = String(frame).replace(/^(async )?Proxy\./, "$1");
  const file = frame.getFileName();
  const line = frame.getLineNumber(),
    column = frame.getColumnNumber();
  if (!file || line === null || column === null || !maps.has(file)) return text;
  const place = maps.original(file, line, column);
  const where = place ? `${shownFile(file)}:${place.line}:${place.column}` : shownFile(file);
  return text.replace(`${file}:${line}:${column}`, where);
}

/** The converter's name of a file beside the notebook ends in .js; the student knows the .ts. */
const shownFile = (file: string): string => file.replace(/\.js$/, ".ts");

function heading(error: Error): string {
  try {
    return String(error);
  } catch {
    return "Error";
  }
}

/** The first frame of a stack that lies in a cell. */
export function firstPlace(stack: string): StudentPlace | undefined {
  const found = /^ {4}at .*?(In \[[^\]]+\]):(\d+):(\d+)\)?$/m.exec(stack);
  return found ? { file: found[1], line: Number(found[2]), column: Number(found[3]) } : undefined;
}
