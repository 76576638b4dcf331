import * as tf from "@tensorflow/tfjs";
import { recorderState } from "../compile/recorder";
import type { NativeBackend, TensorInfo } from "../compile/native-backend";
import { dataTypes } from "../compile/attributes";
import { replaceKernel } from "./javascript-kernel";

const wrapped = Symbol.for("vitrine.recordedGather");
type WrappedKernel = tf.KernelFunc & { [wrapped]?: tf.KernelFunc };

/**
 * The native backend's gather reads the indices in order to check them, so that no function with a gather could be
 * compiled.
 * TensorFlow checks them itself.
 */
export function replaceRecordedGather(backendName: string): void {
  const config = tf.getKernel("GatherV2", backendName);
  if (!config) return;
  const own = config.kernelFunc as WrappedKernel,
    original = own[wrapped] ?? own;
  const unread: WrappedKernel = (params) => {
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
  };
  unread[wrapped] = original;
  replaceKernel(backendName, "GatherV2", unread, config.setupFunc);
}
