import type { PlainMap } from "./read-maps";

/**
 * The length of the gradient by Sobel's 3 × 3 kernels, at the pixels that have eight neighbours.
 * @returns [height − 2, width − 2]
 */
export function sobel({ height, width, values }: PlainMap): PlainMap {
  const lengths = new Float32Array((height - 2) * (width - 2));
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = (dy: number, dx: number): number => values[(y + dy) * width + x + dx];
      const across = at(-1, 1) + 2 * at(0, 1) + at(1, 1) - at(-1, -1) - 2 * at(0, -1) - at(1, -1);
      const down = at(1, -1) + 2 * at(1, 0) + at(1, 1) - at(-1, -1) - 2 * at(-1, 0) - at(-1, 1);
      lengths[(y - 1) * (width - 2) + x - 1] = Math.hypot(across, down);
    }
  }
  return { height: height - 2, width: width - 2, values: lengths };
}
