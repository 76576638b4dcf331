import type { BackendName } from "../../engine/choice";
import { correctAvgPoolGrad, correctMaxPoolGrad } from "./pooling";
import { addConvFilterBackprop, replaceConvInputBackprop, correctSamePadding } from "./convolutions";
import { addDepthwiseBackprop, replaceDilatedDepthwise } from "./depthwise";
import { refuseBatchedGather, replaceRecordedGather, addUnsortedSegmentSum } from "./gather";
import { correctResizeGrad } from "./resize-grad";
import { correctOnWebgl } from "./webgl";
import { correctOnWebgpu } from "./webgpu";

/** Adds what the backend lacks and replaces what it has wrong; after its own kernels are registered. */
export function installKernels(backendName: BackendName): void {
  if (backendName === "webgpu") {
    correctOnWebgpu();
    return;
  }
  if (backendName === "webgl") {
    correctOnWebgl();
    return;
  }
  correctResizeGrad(backendName);
  if (backendName === "tensorflow") {
    replaceDilatedDepthwise(backendName);
    replaceRecordedGather(backendName);
    return;
  }
  correctAvgPoolGrad(backendName);
  if (backendName === "cpu") return;
  correctSamePadding(backendName);
  correctMaxPoolGrad(backendName);
  addDepthwiseBackprop(backendName);
  addConvFilterBackprop(backendName);
  replaceConvInputBackprop(backendName);
  addUnsortedSegmentSum(backendName);
  refuseBatchedGather(backendName);
}
