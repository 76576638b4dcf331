import * as tf from "@tensorflow/tfjs";
import { replaceKernel } from "../javascript-kernel";
import { runShader } from "./program";

/**
 * webgpu's own cast of integers and truth values to float32 only renames the type of their buffer; programs that read a
 * buffer
 * as it is (transposing, for one) then do not compile, and their results are zeros.
 */
export function correctCast(): void {
  const config = tf.getKernel("Cast", "webgpu"),
    own = config?.kernelFunc;
  if (!config || !own) return;
  replaceKernel(
    "webgpu",
    "Cast",
    (params) => {
      const x = params.inputs.x as tf.TensorInfo,
        { dtype } = params.attrs as unknown as { dtype: string };
      if (dtype !== "float32" || (x.dtype !== "int32" && x.dtype !== "bool")) return own(params);
      const size = tf.util.sizeFromShape(x.shape);
      const { dataId } = runShader(params.backend, {
        name: "cast",
        inputs: { x: { dataId: x.dataId, shape: [size], dtype: x.dtype } },
        outputShape: [size],
        integers: {},
        code: "result = f32(getX(coords));",
      });
      return { dataId, shape: x.shape, dtype: "float32" };
    },
    config.setupFunc,
  );
}
