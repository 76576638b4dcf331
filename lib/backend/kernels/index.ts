import type { BackendName } from "../choice";
import { correctAvgPoolGrad } from "./avg-pool-grad";
import { addConvFilterBackprop } from "./conv-filter-backprop";
import { replaceConvInputBackprop } from "./conv-input-backprop";
import { addDepthwiseBackprop } from "./depthwise-backprop";
import { replaceDilatedDepthwise } from "./dilated-depthwise";
import { refuseBatchedGather } from "./gather";
import { correctMaxPoolGrad } from "./max-pool-grad";
import { replaceRecordedGather } from "./recorded-gather";
import { correctResizeGrad } from "./resize-grad";
import { correctSamePadding } from "./same-padding";
import { addUnsortedSegmentSum } from "./unsorted-segment-sum";
import { correctOnWebgpu } from "./webgpu";

/** Adds what the backend lacks and replaces what it has wrong; after its own kernels are registered. */
export function installKernels(backendName: BackendName): void {
  if (backendName === "webgpu") {
    correctOnWebgpu();
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
