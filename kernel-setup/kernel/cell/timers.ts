import { syncBuiltinESMExports } from "module";
import { promisify } from "util";
import type { Contexts, RunningCell } from "./running-cell";

type Start = (callback: (...args: unknown[]) => void, ...rest: unknown[]) => object;

/**
 * Knows the timers that the cell started, so that an interrupt can end a loop of sleeps, which JavaScript offers no
 * other way to stop from outside.
 */
export class TimerLedger {
  constructor(private readonly contexts: Contexts) {}

  /** No timer of the cell fires any more. */
  cancel(cell: RunningCell): void {
    // clearTimeout takes intervals too; each ignores what is not its own.
    for (const handle of cell.timers) {
      clearTimeout(handle as NodeJS.Timeout);
      clearImmediate(handle as NodeJS.Immediate);
    }
    cell.timers.clear();
  }

  install(): void {
    const promises = this.promiseTimers();
    for (const name of ["setTimeout", "setInterval", "setImmediate"] as const) {
      const tracked = this.track(globalThis[name] as unknown as Start, name !== "setInterval");
      if (name !== "setInterval") Object.defineProperty(tracked, promisify.custom, { value: promises[name] });
      Object.defineProperty(tracked, "name", { value: name });
      globalThis[name] = tracked as never;
      (require("timers") as Record<string, unknown>)[name] = tracked;
    }
    syncBuiltinESMExports();
  }

  private track(start: Start, once: boolean): Start {
    const { contexts } = this;
    return function tracked(callback, ...rest) {
      if (typeof callback !== "function") return start(callback, ...rest);
      const cell = contexts.current;
      const handle = start(
        function (this: unknown, ...args: unknown[]) {
          if (once) cell.timers.delete(handle);
          // A loop that got past the interrupt, between two sleeps, ends at its next one.
          if (cell.stopped) return;
          contexts.within(cell, () => callback.apply(this, args));
        },
        ...rest,
      );
      cell.timers.add(handle);
      return handle;
    };
  }

  /** `timers/promises`: there the interrupted sleep can reject, so `finally` blocks run. */
  private promiseTimers(): Record<"setTimeout" | "setImmediate", unknown> {
    const module = require("timers/promises") as Record<string, (...args: never[]) => unknown>;
    const { setTimeout: timeout, setImmediate: immediate } =
      require("timers/promises") as typeof import("timers/promises");
    type Options = { signal?: AbortSignal; ref?: boolean };
    const { contexts } = this;
    const ofCell = async (start: (signal: AbortSignal) => Promise<unknown>, given?: AbortSignal): Promise<unknown> => {
      const cell = contexts.current;
      const { signal } = cell.controller;
      try {
        return await start(given ? AbortSignal.any([given, signal]) : signal);
      } finally {
        contexts.enter(cell);
      }
    };
    module.setTimeout = (delay?: number, value?: unknown, options: Options = {}) =>
      ofCell((signal) => timeout(delay, value, { ...options, signal }), options.signal);
    module.setImmediate = (value?: unknown, options: Options = {}) =>
      ofCell((signal) => immediate(value, { ...options, signal }), options.signal);
    return { setTimeout: module.setTimeout, setImmediate: module.setImmediate };
  }
}
