import * as tf from "@tensorflow/tfjs";
import type { BackendName } from "../../lib/backend/engine/choice";
import { ready, switchBackend } from "../../lib/backend/engine/select";

export const allBackends: readonly BackendName[] = ["tensorflow", "wasm", "cpu"];

/**
 * Describes `suite` once for each backend, run on that backend. One that this machine lacks is skipped by name
 * with its reason. Afterwards the chosen backend is back.
 *
 * Tensors must be made inside `it` or `before`, not while the suite is being described.
 */
export function forEachBackend(suite: (name: BackendName) => void, names: readonly BackendName[] = allBackends): void {
  for (const name of names) {
    describe(`on ${name}`, function () {
      before(`backend ${name}`, async function () {
        await ready();
        const wrong = await switchBackend(name);
        if (wrong === undefined) return;
        if (this.test?.parent) this.test.parent.title += ` (skipped: ${wrong})`;
        this.skip();
      });
      after(`backend as chosen`, async () => {
        await tf.setBackend((await ready()).name);
      });
      suite(name);
    });
  }
}

/** Runs `work` and returns by how many tensors it changed the number alive. */
export async function tensorsLeft(work: () => unknown): Promise<number> {
  const before = tf.memory().numTensors;
  await work();
  return tf.memory().numTensors - before;
}
