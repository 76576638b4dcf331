/**
 * Pearson's correlation, −1 to 1; 0 where one of the two varies by no more than a millionth of its size, which rounding
 * does. In double precision.
 */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const count = a.length;
  let meanA = 0,
    meanB = 0;
  for (let i = 0; i < count; i++) {
    meanA += a[i] / count;
    meanB += b[i] / count;
  }
  let together = 0,
    spreadA = 0,
    spreadB = 0,
    sizeA = 0,
    sizeB = 0;
  for (let i = 0; i < count; i++) {
    together += (a[i] - meanA) * (b[i] - meanB);
    spreadA += (a[i] - meanA) ** 2;
    spreadB += (b[i] - meanB) ** 2;
    sizeA += a[i] ** 2;
    sizeB += b[i] ** 2;
  }
  const varies = spreadA > 1e-12 * sizeA && spreadB > 1e-12 * sizeB;
  return varies ? Math.max(-1, Math.min(1, together / Math.sqrt(spreadA * spreadB))) : 0;
}
