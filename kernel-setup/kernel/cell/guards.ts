// What would end the process, and with it the whole state of the notebook, is an error in a cell.

import type * as fsModule from "fs";
import { WRITE } from "../shared/marks";

/** The module itself, which packages share; what `import *` gives is a copy. */
const fs = require("fs") as { -readonly [K in keyof typeof fsModule]: (typeof fsModule)[K] };
const LAST = WRITE.stderr;

/** The exit status of a process that came to its end though nobody asked for it. */
const UNWANTED = 70;
/** Whoever asks for the end goes past what is refused. */
let allowed = false;

/** Returns the real `process.exit`. */
export function forbidExit(): (code?: number) => never {
  const exit = process.exit.bind(process) as (code?: number) => never;
  const kill = process.kill.bind(process);
  const inner = process as unknown as { reallyExit(code?: number): never; execve?: unknown };
  const reallyExit = inner.reallyExit.bind(process);
  const refuse = (call: string): never => {
    throw new Error(
      `process.${call} was called in a cell. To stop the cell throw an error; to end the kernel use the Kernel menu.`,
    );
  };
  process.exit = (code) => refuse(`exit(${code ?? ""})`);
  process.abort = () => refuse("abort()");
  inner.reallyExit = (code) => (allowed ? reallyExit(code) : refuse(`reallyExit(${code ?? ""})`));
  if (inner.execve) inner.execve = () => refuse("execve()");
  process.kill = (pid, signal) =>
    endsKernel(Number(pid), signal)
      ? refuse(`kill(${pid}${signal === undefined ? "" : `, ${JSON.stringify(signal)}`})`)
      : kill(pid, signal);
  return (code) => {
    allowed = true;
    return exit(code);
  };
}

/** Would this signal reach the kernel, the launcher around it, or all processes of their group? */
function endsKernel(pid: number, signal?: string | number): boolean {
  if (signal === 0 || Number.isNaN(pid)) return false;
  if (pid === process.pid) return signal !== "SIGINT";
  return pid === 0 || pid === -1 || [process.pid, process.ppid].includes(Math.abs(pid));
}

/** The launcher's descriptors are what the kernel prints by. To be called before `syncBuiltinESMExports`. */
export function keepDescriptors(): void {
  const { close, closeSync } = fs;
  const refuse = (name: string, fd: unknown): void => {
    if (Number.isInteger(fd) && (fd as number) >= 0 && (fd as number) <= LAST)
      throw new Error(`fs.${name}(${String(fd)}) was called in a cell: the kernel needs its descriptors 0 to ${LAST}.`);
  };
  fs.closeSync = (fd) => {
    refuse("closeSync", fd);
    closeSync(fd);
  };
  fs.close = ((fd: number, callback) => {
    refuse("close", fd);
    close(fd, callback);
  }) as typeof fs.close;
}

type Emit = (event: string | symbol, ...args: unknown[]) => boolean;

/** Who is told of what nobody caught. */
export interface UncaughtReader {
  uncaught(reason: unknown): void;
  /** A listener that is told of `reason`, as a cell asked for, failed itself. */
  listenerFailed(failure: unknown, reason: unknown): void;
}

/**
 * Node ends the process on an error that nobody caught if nobody listens, or if a listener throws. Cells may listen,
 * fail, and remove all listeners: so we are none of them, but stand where Node tells them.
 */
export function hearUncaught(reader: UncaughtReader): void {
  const original = process.emit.bind(process) as Emit;
  const told = new Set<string | symbol>(["uncaughtException", "unhandledRejection"]);
  /** What a package put in the place of `process.emit`; it calls what was there before. */
  let replacement: Emit | null = null,
    inside = false;
  const next: Emit = (event, ...args) => {
    if (!replacement || inside) return original(event, ...args);
    inside = true;
    try {
      return replacement.call(process, event, ...args);
    } finally {
      inside = false;
    }
  };
  const emit: Emit = (event, ...args) => {
    if (event === "exit" && args[0] === 0 && !allowed) process.exitCode = UNWANTED;
    if (inside || !(told.has(event) || event === "uncaughtExceptionMonitor")) return next(event, ...args);
    if (told.has(event)) reader.uncaught(args[0]);
    guarded(() => next(event, ...args), args[0]);
    return true;
  };
  Object.defineProperty(process, "emit", {
    get: () => emit,
    set: (value: Emit) => {
      replacement = value === emit ? null : value;
    },
    configurable: false,
  });

  const capture = process.setUncaughtExceptionCaptureCallback.bind(process);
  process.setUncaughtExceptionCaptureCallback = (callback) =>
    capture(
      typeof callback === "function"
        ? (error) => {
            reader.uncaught(error);
            guarded(() => callback(error), error);
          }
        : callback,
    );

  function guarded(listen: () => unknown, reason: unknown): void {
    try {
      listen();
    } catch (failure) {
      reader.listenerFailed(failure, reason);
    }
  }
}
