import { runKernel, correct } from "./register";

interface PoolAttributes {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: unknown;
  dimRoundingMode?: string;
}

/**
 * TF.js's gradients of both poolings forget `dimRoundingMode`, so that a pooling with `ceil` (Caffe's) is
 * differentiated as if it had fewer outputs. What the kernels behind them get wrong is put right in `../kernels`.
 */
export function correctPools(): void {
  correct<PoolAttributes>({
    kernelName: "MaxPool",
    inputsToSave: ["x"],
    outputsToSave: [true],
    gradFunc: (dy, [input, output], { filterSize, strides, pad, dimRoundingMode }) => ({
      x: () => runKernel("MaxPoolGrad", { dy, input, output }, { filterSize, strides, pad, dimRoundingMode }),
    }),
  });
  correct<PoolAttributes>({
    kernelName: "AvgPool",
    inputsToSave: ["x"],
    gradFunc: (dy, [input], { filterSize, strides, pad, dimRoundingMode }) => ({
      x: () => runKernel("AvgPoolGrad", { dy, input }, { filterSize, strides, pad, dimRoundingMode }),
    }),
  });
}
