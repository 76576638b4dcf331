import type { Box } from "./box";

/**
 * The box around the largest set of marked pixels that hang together by their sides (four neighbours); of equally large
 * ones the first, row by row.
 * @param marked [height × width], row-major
 * @returns undefined if no pixel is marked
 */
export function largestComponent(marked: readonly boolean[], height: number, width: number): Box | undefined {
  const seen = new Uint8Array(height * width);
  let best: { size: number; box: Box } | undefined;
  for (let start = 0; start < seen.length; start++) {
    if (!marked[start] || seen[start]) continue;
    const found = component(marked, seen, start, height, width);
    if (!best || found.size > best.size) best = found;
  }
  return best?.box;
}

function component(
  marked: readonly boolean[],
  seen: Uint8Array,
  start: number,
  height: number,
  width: number,
): { size: number; box: Box } {
  const open = [start];
  seen[start] = 1;
  let size = 0,
    top = height,
    left = width,
    bottom = 0,
    right = 0;
  const visit = (pixel: number): void => {
    if (!marked[pixel] || seen[pixel]) return;
    seen[pixel] = 1;
    open.push(pixel);
  };
  for (let pixel = open.pop(); pixel !== undefined; pixel = open.pop()) {
    const row = Math.floor(pixel / width),
      column = pixel % width;
    size++;
    [top, left, bottom, right] = [
      Math.min(top, row),
      Math.min(left, column),
      Math.max(bottom, row + 1),
      Math.max(right, column + 1),
    ];
    if (row > 0) visit(pixel - width);
    if (row < height - 1) visit(pixel + width);
    if (column > 0) visit(pixel - 1);
    if (column < width - 1) visit(pixel + 1);
  }
  return { size, box: { top, left, bottom, right } };
}
