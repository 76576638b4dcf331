import * as tf from "@tensorflow/tfjs";
import { classVisualization, type ClassVisualizationState } from "../../../lib/visualize";
import { classVisualizationOptions } from "../../../lib/visualize/class-visualization";
import { forEachBackend } from "../../helpers/backends";
import { keepsGraphsApart, numbersOf } from "../../helpers/kept-graphs";

const shape = [2, 6, 5, 2] as const;
const stateOf = (value: number): ClassVisualizationState => ({
  iteration: 3,
  shape,
  x: new Float32Array(120).map((_, i) => value * Math.sin(i)),
  rolled: [1, 0],
});
const image =
  (value: number): (() => tf.Tensor3D) =>
  () =>
    tf.fill([6, 5, 2], value);

forEachBackend(() => {
  keepsGraphsApart("class-visualization", {
    schema: classVisualizationOptions,
    base: { iterations: 9, learningRate: 0.5, jitter: 2, blurEvery: 3, live: false },
    pairs: {
      iterations: [{ iterations: 9 }, { iterations: 10 }],
      seed: [{ seed: 0 }, { seed: 1 }],
      l2Regularization: [{ l2Regularization: 0 }, { l2Regularization: 0.5 }],
      penalty: [
        { penalty: "squared", l2Regularization: 0.5 },
        { penalty: "norm", l2Regularization: 0.5 },
      ],
      learningRate: [{ learningRate: 0.5 }, { learningRate: 0.1 }],
      step: [{ step: "normalized" }, { step: "plain" }],
      blurEvery: [{ blurEvery: 3 }, { blurEvery: 0 }],
      blurSigma: [{ blurSigma: 0.5 }, { blurSigma: 1 }],
      jitter: [{ jitter: 2 }, { jitter: 0 }],
      initImage: [{ initImage: image(0.2) }, { initImage: image(0.8) }],
      from: [{ from: stateOf(0.1) }, { from: stateOf(0.5) }],
    },
    run: async (model, options) => {
      const { initImage: make, ...rest } = options as { initImage?: () => tf.Tensor3D };
      const initImage = make?.();
      const result = await classVisualization(model, ["bee", "Cat"], { ...rest, initImage });
      const numbers = numbersOf([result.image], result.scores.flat());
      result.dispose();
      initImage?.dispose();
      return numbers;
    },
  });
}, ["tensorflow"]);
