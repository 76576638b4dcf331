import { Script } from "vm";
import { parentPort } from "worker_threads";

/**
 * A thread that does nothing but wait for SIGINT. `vm` ends a script on SIGINT on whichever thread the script runs,
 * even if it sleeps in `Atomics.wait`; a thread can learn of the signal in no other documented way.
 */
const sleep = new Script("Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)");
for (;;) {
  try {
    sleep.runInThisContext({ breakOnSigint: true });
  } catch {
    parentPort!.postMessage("SIGINT");
  }
}
