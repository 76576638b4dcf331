import { registerJavaScriptKernel, zeros } from "./javascript-kernel";

/** wasm lacks it, and the gradient of `gather` (and of an embedding) is made of it. */
export function addUnsortedSegmentSum(backendName: string): void {
  registerJavaScriptKernel<{ numSegments: number }>(
    backendName,
    "UnsortedSegmentSum",
    ({ x, segmentIds }, { numSegments }) => {
      const idRank = segmentIds.shape.length;
      const sums = zeros([numSegments, ...x.shape.slice(idRank)]);
      const inner = x.shape.slice(idRank).reduce((a, b) => a * b, 1);
      segmentIds.values.forEach((segment, row) => {
        // TensorFlow drops what belongs to no segment.
        if (segment < 0 || segment >= numSegments) return;
        for (let i = 0; i < inner; i++) sums.values[segment * inner + i] += x.values[row * inner + i];
      });
      return sums;
    },
  );
}
