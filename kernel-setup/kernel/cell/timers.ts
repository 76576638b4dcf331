import { syncBuiltinESMExports } from "module";
import { promisify } from "util";

type Start = (callback: (...args: unknown[]) => void, ...rest: unknown[]) => object;

/**
 * Knows the timers that the cell started, so that an interrupt can end a loop of sleeps, which JavaScript offers no
 * other way to stop from outside.
 */
export class TimerLedger {
  private handles = new Set<object>();

  constructor(private readonly signal: () => AbortSignal) {}

  /** A new cell: what earlier cells started is theirs to keep. */
  begin(): void {
    this.handles = new Set();
  }

  /** No timer of the cell fires any more. */
  cancel(): void {
    // clearTimeout takes intervals too; each ignores what is not its own.
    for (const handle of this.handles) {
      clearTimeout(handle as NodeJS.Timeout);
      clearImmediate(handle as NodeJS.Immediate);
    }
    this.handles.clear();
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
    const ledger = this;
    return function tracked(callback, ...rest) {
      if (typeof callback !== "function") return start(callback, ...rest);
      const { handles } = ledger;
      const handle = start(function (this: unknown, ...args: unknown[]) {
        if (once) handles.delete(handle);
        callback.apply(this, args);
      }, ...rest);
      handles.add(handle);
      return handle;
    };
  }

  /** `timers/promises`: there the interrupted sleep can reject, so `finally` blocks run. */
  private promiseTimers(): Record<"setTimeout" | "setImmediate", unknown> {
    const module = require("timers/promises") as Record<string, (...args: never[]) => unknown>;
    const { setTimeout: timeout, setImmediate: immediate } = require("timers/promises") as typeof import("timers/promises");
    type Options = { signal?: AbortSignal; ref?: boolean };
    const withSignal = (options: Options = {}): Options =>
      ({ ...options, signal: options.signal ? AbortSignal.any([options.signal, this.signal()]) : this.signal() });
    module.setTimeout = (delay?: number, value?: unknown, options?: Options) => timeout(delay, value, withSignal(options));
    module.setImmediate = (value?: unknown, options?: Options) => immediate(value, withSignal(options));
    return { setTimeout: module.setTimeout, setImmediate: module.setImmediate };
  }
}
