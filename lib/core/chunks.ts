/** {@link defaultBatchSize} in words. */
export const batchSizeRule = "25 images of 224 × 224 or larger, more of smaller ones, 256 at most (28 × 28)";

/**
 * As many as hold the values of 25 photographs of 224 × 224, within 25 to 256: about so many take the least time
 * for each, and a pass of few small images takes as long as one of more.
 */
export function defaultBatchSize({ inputShape }: { readonly inputShape: readonly number[] }): number {
  return Math.min(256, Math.max(25, Math.floor((25 * 224 * 224 * 3) / sizeOf(inputShape))));
}

/**
 * What an attack works on at once: it goes on until its last input is fooled, and those that are done wait. DeepFool on
 * 256 garments takes half as long again when all go together.
 */
export const attackBatchSize = 32;

/** A run of consecutive items: `first` … `first + count − 1`. */
export interface Range {
  readonly first: number;
  readonly count: number;
}

/** `total` items in runs of at most `limit`, as even as possible: equal shapes let a compiled graph be used again. */
export function ranges(total: number, limit: number): Range[] {
  const runs = Math.ceil(total / limit);
  const size = Math.ceil(total / runs);
  return Array.from({ length: Math.ceil(total / size) }, (_, i) => ({
    first: i * size,
    count: Math.min(size, total - i * size),
  }));
}

export interface ChunkPlan {
  /** Which images are worked on together. */
  readonly blocks: readonly Range[];
  /** Which of each image's passes go through the model at once. */
  readonly passes: readonly Range[];
}

/** Splits images × passes so that at most `batchSize` images, perturbed ones counted, go through the model at once. */
export function chunkPlan(images: number, passes: number, batchSize: number): ChunkPlan {
  return {
    blocks: ranges(images, Math.max(1, Math.floor(batchSize / passes))),
    passes: ranges(passes, batchSize),
  };
}

/** How many values something of this shape has: 1 of none. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);
