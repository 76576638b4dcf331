// Gathering: refused where it reads beyond the tensor, recorded in graphs, its gradient on wasm.
import { VitrineError } from "../../../core/errors";
import { wrapKernel, registerJavaScriptKernel, zeros } from "./javascript-kernel";
import * as tf from "@tensorflow/tfjs";
import { recorderState } from "../../graph/recorder";
import type { NativeBackend, TensorInfo } from "../../engine/native-backend";
import { dataTypes } from "../../graph/graph-def";
import { sizeOf } from "../../../core/chunks";

/**
 * With `batchDims` wasm's `gather` reads beyond the tensor and returns what happens to lie there. None of our
 * methods uses it: refused rather than replaced.
 */
export function refuseBatchedGather(backendName: string): void {
  wrapKernel(backendName, "GatherV2", (original) => (params) => {
    if (params.attrs?.batchDims) {
      throw new VitrineError(
        `gather with batchDims ${String(params.attrs.batchDims)} is wrong on the ${backendName} backend of ` +
          `TensorFlow.js; use oneHot and a sum, or the tensorflow backend.`,
      );
    }
    return original(params);
  });
}

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

/** wasm lacks it, and the gradient of `gather` (and of an embedding) is made of it. */
export function addUnsortedSegmentSum(backendName: string): void {
  registerJavaScriptKernel<{ numSegments: number }>(
    backendName,
    "UnsortedSegmentSum",
    ({ x, segmentIds }, { numSegments }) => {
      const idRank = segmentIds.shape.length;
      const sums = zeros([numSegments, ...x.shape.slice(idRank)]);
      const inner = sizeOf(x.shape.slice(idRank));
      segmentIds.values.forEach((segment, row) => {
        // TensorFlow drops what belongs to no segment.
        if (segment < 0 || segment >= numSegments) return;
        for (let i = 0; i < inner; i++) sums.values[segment * inner + i] += x.values[row * inner + i];
      });
      return sums;
    },
  );
}
