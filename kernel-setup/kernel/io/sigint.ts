import { log } from "../shared/log";

interface SignalWrap {
  unref(): void;
  start(signal: number): number;
  onsignal: () => void;
}

const SIGINT = 2;

/**
 * Calls back on SIGINT. `process.on` works on the main thread only, and not while that one is in a loop, which is
 * when an interrupt matters; libuv itself delivers a signal to any thread's event loop.
 */
export function onSigint(callback: () => void): void {
  const quiet = process.noDeprecation;
  try {
    process.noDeprecation = true;
    const binding = (process as unknown as { binding(name: string): { Signal: new () => SignalWrap } }).binding("signal_wrap");
    const signal = new binding.Signal();
    signal.onsignal = callback;
    signal.unref();
    if (signal.start(SIGINT) !== 0) throw new Error("the handler could not be installed");
  } catch (error) {
    log(`SIGINT is not handled (${(error as Error).message}); interrupt_request is`);
  } finally {
    process.noDeprecation = quiet;
  }
}
