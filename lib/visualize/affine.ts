/**
 * Where a pixel of the result comes from: source = (a·x + b·y + dx, c·x + d·y + dy), in pixels from the middle of the
 * image,
 * x to the right and y down.
 */
export interface Affine {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly dx: number;
  readonly dy: number;
}

export const identity: Affine = { a: 1, b: 0, c: 0, d: 1, dx: 0, dy: 0 };

/**
 * The source, under `first`, of the source under `second`: what comes of doing `first` to an image and then `second`.
 */
export function afterwards(first: Affine, second: Affine): Affine {
  const [p, q] = [first, second];
  return {
    a: p.a * q.a + p.b * q.c,
    b: p.a * q.b + p.b * q.d,
    dx: p.a * q.dx + p.b * q.dy + p.dx,
    c: p.c * q.a + p.d * q.c,
    d: p.c * q.b + p.d * q.d,
    dy: p.c * q.dx + p.d * q.dy + p.dy,
  };
}
