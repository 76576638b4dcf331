// Every error that Vitrine raises on purpose, and the words of its one line.

/** What a caller must know about a bad argument: one line is made of it. */
export interface BadInput {
  /** The argument or file, as the caller named it: `window`, `images`, `models/x.safetensors`. */
  what: string;
  /** The value seen, already short enough for one line. */
  got: unknown;
  /** What would have been accepted. */
  allowed: string;
  /** What to do about it. */
  remedy?: string;
}

/** Every error that Vitrine raises on purpose. Its message is one line, written for the person who called. */
export class VitrineError extends Error {
  override name = "VitrineError";
}

/** An argument that cannot be used. */
export class BadInputError extends VitrineError {
  override name = "BadInputError";
  constructor(readonly input: BadInput) {
    super(
      oneLine(
        `${input.what} is ${shown(input.got)}; allowed: ${input.allowed}.${input.remedy ? ` ${input.remedy}` : ""}`,
      ),
    );
  }
}

/** Raised by long work that the user stopped. */
export class InterruptedError extends VitrineError {
  override name = "InterruptedError";
}

/** Raises a {@link BadInputError}; typed `never` so that it narrows. */
export function badInput(input: BadInput): never {
  throw new BadInputError(input);
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(clipped(value));
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean" || value == null)
    return String(value);
  if (typeof value === "function") return `a function${value.name ? ` (${value.name})` : ""}`;
  if (Array.isArray(value)) {
    const items = value.map((item) => (typeof item === "string" ? JSON.stringify(item) : String(item)));
    return `[${clipped(items.join(", "))}]`;
  }
  return clipped(
    Object.prototype.toString.call(value) === "[object Object]"
      ? (JSON.stringify(value) ?? "an object")
      : String(value),
  );
}

const clipped = (text: string): string => (text.length > 120 ? `${text.slice(0, 117)}...` : text);
const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, " ");

/** A file that cannot be used: missing, truncated, corrupt, refused. The message is one line that names the file. */
export class FileError extends VitrineError {
  override name = "FileError";
  /** @param problem what follows the file's name: `is truncated` */
  constructor(
    readonly file: string,
    readonly problem: string,
    readonly remedy?: string,
  ) {
    super(
      `${shortened(file)} ${problem}${/[.!?]$/.test(problem) ? "" : "."}${remedy ? ` ${remedy}` : ""}`.replace(
        /[\r\n]+\s*/g,
        " ",
      ),
    );
  }
}

/** As the user would type it: relative where that is shorter. */
function shortened(file: string): string {
  const here = typeof process === "undefined" ? "" : process.cwd();
  const inside = here !== "" && file.startsWith(here) && /^[\\/]/.test(file.slice(here.length));
  return inside ? file.slice(here.length + 1) : file;
}
