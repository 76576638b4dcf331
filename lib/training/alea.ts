/** 2⁻³² */
const unit = 2.3283064365386963e-10;

/**
 * Calls `take` with numbers uniform in [0, 1): those that TensorFlow.js's `randomUniform` draws with that seed
 * (Baagøe's Alea), in a loop
 * without a call for each, since a minibatch's dropout takes hundreds of thousands.
 * @param target filled with `made` of each number
 */
export function fillFromAlea(target: Float32Array, seed: number, made: (uniform: number) => number): void {
  const mash = masher();
  let c = 1,
    s0 = mash(" "),
    s1 = mash(" "),
    s2 = mash(" ");
  const text = String(seed),
    seeded = (s: number): number => {
      const less = s - mash(text);
      return less < 0 ? less + 1 : less;
    };
  s0 = seeded(s0);
  s1 = seeded(s1);
  s2 = seeded(s2);
  for (let i = 0; i < target.length; i++) {
    const t = 2091639 * s0 + c * unit;
    c = t | 0;
    s0 = s1;
    s1 = s2;
    s2 = t - c;
    target[i] = made(s2);
  }
}

/** Alea's hash of texts, each call depending on those before. */
function masher(): (text: string) => number {
  let n = 0xefc8249d;
  return (text) => {
    for (let i = 0; i < text.length; i++) {
      n += text.charCodeAt(i);
      let h = 0.02519603282416938 * n;
      n = h >>> 0;
      h -= n;
      h *= n;
      n = h >>> 0;
      h -= n;
      n += h * 0x100000000;
    }
    return (n >>> 0) * unit;
  };
}
