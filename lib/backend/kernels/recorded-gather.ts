import * as tf from "@tensorflow/tfjs";
import { recorderState } from "../compile/recorder";
import type { NativeBackend, TensorInfo } from "../compile/native-backend";
import { dataTypes } from "../compile/attributes";
import { wrapKernel } from "./javascript-kernel";

/**
 * The native backend's gather reads the indices in order to check them, so that no function with a gather could be
 * compiled.
 * TensorFlow checks them itself.
 */
export function replaceRecordedGather(backendName: string): void {
  wrapKernel(backendName, "GatherV2", (original) => (params) => {
    if (!recorderState().recorder) return original(params);
    const { x, indices } = params.inputs as Record<string, TensorInfo>;
    const { axis, batchDims } = params.attrs as unknown as { axis: number; batchDims: number };
    const backend = params.backend as unknown as NativeBackend,
      { TF_ATTR_INT, TF_ATTR_TYPE } = backend.binding;
    const type = (name: string, dtype: string) => ({ name, type: TF_ATTR_TYPE, value: dataTypes[dtype] });
    const axisTensor = tf.scalar(axis, "int32");
    const gathered = backend.executeSingleOutput(
      "GatherV2",
      [
        { name: "batch_dims", type: TF_ATTR_INT, value: batchDims },
        type("Tparams", x.dtype),
        type("Tindices", indices.dtype),
        type("Taxis", "int32"),
      ],
      [x, indices, axisTensor],
    );
    axisTensor.dispose();
    return gathered;
  });
}
