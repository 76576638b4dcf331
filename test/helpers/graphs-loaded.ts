import * as tf from "@tensorflow/tfjs";
import { ready } from "../../lib/backend";

/**
 * In a suite: counts the graphs that TensorFlow is given in each of its tests, and lets none of them leave compiling
 * turned off.
 */
export function graphsLoaded(): { readonly count: number } {
  let count = 0,
    off = (): void => undefined;
  before(async () => {
    await ready();
    const native = tf.backend() as unknown as { loadSavedModelMetaGraph?: (folder: string, tags: string) => number };
    const load = native.loadSavedModelMetaGraph;
    if (!load) return;
    native.loadSavedModelMetaGraph = (folder, tags) => {
      count++;
      return load.call(native, folder, tags);
    };
    off = () => {
      native.loadSavedModelMetaGraph = load;
    };
  });
  beforeEach(() => {
    count = 0;
  });
  after(() => off());
  afterEach(() => {
    delete process.env.VITRINE_COMPILE;
  });
  return {
    get count() {
      return count;
    },
  };
}
