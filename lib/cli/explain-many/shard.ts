import { UsageError } from "../args";

/** The `index`-th of `count` equal parts, from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** @throws UsageError */
export function readShard(text: string): Shard {
  const [, index, count] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (!(index >= 1 && index <= count))
    throw new UsageError(`--shard is "${text}"; allowed: K/N with K from 1 to N, as 3/100.`);
  return { index, count };
}

/** Every `count`-th one, so that shards take equally long also where images of one kind follow each other. */
export const partOf = <T>(all: readonly T[], { index, count }: Shard): T[] =>
  all.filter((_, i) => i % count === index - 1);
