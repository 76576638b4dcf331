import { inspect } from "util";
import type { ErrorContent } from "../shared/protocol";
import type { Hint } from "./hints";
import { cyan, faint, green, red } from "./output";
import { firstPlace } from "./source-maps";
import type { Diagnostic } from "./tslab";

/** The cell was interrupted and did not end by itself. */
export class KeyboardInterrupt extends Error {
  override name = "KeyboardInterrupt";
  constructor() {
    super("The cell was interrupted.");
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** The cell filled the JavaScript heap. */
export class MemoryError extends Error {
  override name = "MemoryError";
  constructor(message: string) {
    super(message);
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** The compiler refused the cell. */
export class CompileError extends Error {
  override name = "TypeScriptError";
  constructor(
    readonly diagnostics: readonly Diagnostic[],
    readonly cell: string,
    readonly hint?: Hint,
  ) {
    const told = hint?.instead ? [`line ${hint.instead}: ${hint.text}`] : diagnostics.map(oneLine);
    super([...told, ...(hint && !hint.instead ? [hint.text] : [])].join("\n"));
  }
}

const LIBRARY_FRAMES = 3;
const FRAMES = 20;

/** The text of a cell, or of one of the student's files, by the name its frames carry. */
export type SourceOf = (name: string) => string | undefined;

/** The `error` message for whatever was thrown. */
export function errorContent(thrown: unknown, sourceOf: SourceOf): ErrorContent {
  if (thrown instanceof CompileError) return compileContent(thrown, sourceOf(thrown.cell) ?? "");
  if (!isError(thrown)) {
    const evalue = typeof thrown === "string" ? thrown : inspect(thrown, { depth: 1 });
    return {
      ename: typeof thrown === "string" ? "string" : (thrown?.constructor?.name ?? String(thrown)),
      evalue,
      traceback: [`${red("Thrown")}: ${evalue}`],
    };
  }
  const ename = String(thrown.name || "Error"),
    evalue = String(thrown.message);
  return { ename, evalue, traceback: tracebackOf(thrown, sourceOf) };
}

function compileContent(error: CompileError, source: string): ErrorContent {
  const { hint } = error;
  if (hint?.instead) {
    const line = `${cyan(`${error.cell}, line ${hint.instead}`)}: ${hint.text}`;
    return {
      ename: error.name,
      evalue: error.message,
      traceback: [line, ...excerpt(source, hint.instead, 1, Infinity)],
    };
  }
  const traceback = grouped(error.diagnostics).flatMap(({ first, same, lines }) => {
    const where = first.fileName ?? error.cell;
    const line =
      `${cyan(`${where}, line ${first.start.line + 1}`)}: ${first.messageText} ${faint(`(TS${first.code})`)}` +
      (lines.length > 0 ? `, and in line${lines.length > 1 ? "s" : ""} ${lines.join(", ")}` : "");
    const more = same.map((each) => faint(`    ${each.messageText} (TS${each.code})`));
    if (first.fileName) return [line, ...more];
    const sameLine = first.end.line === first.start.line;
    const length = sameLine ? first.end.character - first.start.character : 1;
    return [line, ...more, ...excerpt(source, first.start.line + 1, first.start.character + 1, length)];
  });
  return { ename: error.name, evalue: error.message, traceback: hint ? [...traceback, "", hint.text] : traceback };
}

interface Group {
  readonly first: Diagnostic;
  /** What else the compiler says of the same place: mostly why, link by link. */
  readonly same: Diagnostic[];
  /** Where else it says the same, from 1. */
  readonly lines: number[];
}

/** Each place once, and each message once. */
function grouped(diagnostics: readonly Diagnostic[]): Group[] {
  const groups: Group[] = [];
  for (const each of diagnostics) {
    const { start, end, fileName, messageText } = each;
    const here = groups.find(
      ({ first }) =>
        first.fileName === fileName && first.start.offset === start.offset && first.end.offset === end.offset,
    );
    if (here) {
      here.same.push(each);
      continue;
    }
    const said = groups.find(({ first, same }) => first.messageText === messageText && same.length === 0);
    if (!said || said.first.fileName !== fileName) groups.push({ first: each, same: [], lines: [] });
    else if (said.first.start.line !== start.line && !said.lines.includes(start.line + 1))
      said.lines.push(start.line + 1);
  }
  return groups;
}

function oneLine(diagnostic: Diagnostic): string {
  return (
    `${diagnostic.fileName ? `${diagnostic.fileName}, ` : ""}line ${diagnostic.start.line + 1}: ` +
    `${diagnostic.messageText} (TS${diagnostic.code})`
  );
}

function tracebackOf(error: Error, sourceOf: SourceOf): string[] {
  const stack = typeof error.stack === "string" ? error.stack : String(error);
  const at = stack.search(/\n {4}at /);
  const head = `${red(String(error.name || "Error"))}: ${error.message}`;
  const frames =
    at < 0
      ? []
      : stack
          .slice(at + 1)
          .split("\n")
          .filter((line) => line.startsWith("    at "));
  const place = firstPlace(stack, (file) => sourceOf(file) !== undefined);
  const source = place && sourceOf(place.file);
  const lines = [head, ...limited(frames)];
  if (place && source !== undefined)
    lines.push("", `${cyan(`${place.file}, line ${place.line}`)}:`, ...excerpt(source, place.line, place.column, 1));
  if (isError(error.cause)) lines.push("", "Caused by:", ...tracebackOf(error.cause, sourceOf));
  return lines;
}

/** All of the student's frames; of a library's only those nearest to the throw, of a package's none beside them. */
function limited(frames: readonly string[]): string[] {
  const isStudents = (frame: string): boolean => /\bIn \[[^\]]+\]:\d+/.test(frame);
  const isPackages = (frame: string): boolean => /[\\/]node_modules[\\/]/.test(frame);
  const fold = frames.some(isStudents);
  const shown: string[] = [];
  let run = 0,
    hidden = 0;
  for (const frame of frames.slice(0, FRAMES * 5)) {
    if (fold && isPackages(frame)) {
      hidden++;
      continue;
    }
    run = isStudents(frame) ? 0 : run + 1;
    if (run > LIBRARY_FRAMES || shown.length >= FRAMES) hidden++;
    else shown.push(isStudents(frame) ? frame : faint(frame));
  }
  return hidden ? [...shown, `    … ${hidden} more`] : shown;
}

/** The line, the one before, and a mark under the place. */
function excerpt(source: string, line: number, column: number, length: number): string[] {
  const lines = source.split(/\r?\n/);
  if (lines[line - 1] === undefined) return [];
  const width = String(line).length;
  const row = (n: number, mark: string): string =>
    `${red(mark.trim()) || " "} ${green(`${String(n).padStart(width)} |`)} ${lines[n - 1]}`;
  const gutter = `  ${" ".repeat(width)} ${green("|")} `;
  const under =
    lines[line - 1].slice(0, column - 1).replace(/[^\t]/g, " ") +
    "^".repeat(Math.max(1, Math.min(length, lines[line - 1].length - column + 1)));
  return [...(line > 1 ? [row(line - 1, " ")] : []), row(line, ">"), gutter + under.replace(/\^+$/, red)];
}

function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
}
