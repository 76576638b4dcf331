// What TensorFlow.js cannot compute of a network, said in one line by the name of what it is.
import { VitrineError } from "../core/errors";

/**
 * @param what for people: "layer c1 (Conv1D) of net"
 * @throws VitrineError in place of TensorFlow.js's own error, which is its `cause`
 */
export function computed<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof VitrineError || !(error instanceof Error)) throw error;
    throw new VitrineError(`TensorFlow.js cannot compute ${what}: ${error.message.replace(/\s*\n[^]*$/, "")}`, {
      cause: error,
    });
  }
}
