import * as path from "path";
import { Worker } from "worker_threads";

interface SignalWrap {
  unref(): void;
  start(signal: number): number;
  onsignal: () => void;
}

const SIGINT = 2;

/**
 * Calls back on SIGINT. `process.on` works on the main thread only, and not while that one is in a loop, which is
 * when an interrupt matters. libuv itself delivers a signal to any thread's event loop, where Node lets us ask it
 * (to version 22); else a thread of its own waits.
 */
export function onSigint(callback: () => void): void {
  if (listenThroughLibuv(callback)) return;
  const watch = new Worker(path.join(__dirname, "sigint-watch.js"));
  watch.on("message", callback);
  watch.unref();
}

function listenThroughLibuv(callback: () => void): boolean {
  const quiet = process.noDeprecation;
  try {
    process.noDeprecation = true;
    const binding = (process as unknown as { binding(name: string): { Signal: new () => SignalWrap } }).binding(
      "signal_wrap",
    );
    const signal = new binding.Signal();
    signal.onsignal = callback;
    signal.unref();
    return signal.start(SIGINT) === 0;
  } catch {
    return false;
  } finally {
    process.noDeprecation = quiet;
  }
}
