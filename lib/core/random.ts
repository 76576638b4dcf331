// Random numbers from a seed.

/** A seeded source of randomness: the same seed gives the same numbers on every machine and backend. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform integer in [0, below). */
  integer(below: number): number;
  /** Standard normal. */
  normal(): number;
  /** 0 … count − 1 in random order. */
  permutation(count: number): Int32Array;
}

/** @param seeds integers; several are mixed, so that (seed, epoch) gives each epoch numbers of its own */
export function random(...seeds: readonly number[]): Random {
  const bits = randomBits(...seeds);
  const uniform = (): number => (bits() >>> 0) / 2 ** 32;
  const integer = (below: number): number => Math.floor(uniform() * below);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const permutation = (count: number): Int32Array => {
    const order = Int32Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = integer(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  };
  return { uniform, integer, normal, permutation };
}

/** Random integers of 32 bits, signed: mulberry32. */
export function randomBits(...seeds: readonly number[]): () => number {
  let state = mixed(seeds);
  return () => scrambled((state = stepped(state)));
}

/** Where the state begins. */
export function mixed(seeds: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const seed of seeds) state = Math.imul(state ^ (seed | 0), 0x85ebca6b) ^ (state >>> 13);
  return state;
}

/**
 * The next state. Loops that draw millions of numbers hold the state themselves: a call for each would take twice as
 * long.
 */
export const stepped = (state: number): number => (state + 0x6d2b79f5) | 0;

/** The random integer of a state. */
export function scrambled(state: number): number {
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return t ^ (t >>> 14);
}
