/** Pearson's correlation, −1 to 1; 0 where one of the two does not vary. In double precision. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const count = a.length;
  let meanA = 0, meanB = 0;
  for (let i = 0; i < count; i++) {
    meanA += a[i] / count;
    meanB += b[i] / count;
  }
  let together = 0, spreadA = 0, spreadB = 0, sizeA = 0, sizeB = 0;
  for (let i = 0; i < count; i++) {
    together += (a[i] - meanA) * (b[i] - meanB);
    spreadA += (a[i] - meanA) ** 2;
    spreadB += (b[i] - meanB) ** 2;
    sizeA += a[i] ** 2;
    sizeB += b[i] ** 2;
  }
  // What rounding leaves of values that are all the same.
  const varies = spreadA > 1e-12 * sizeA && spreadB > 1e-12 * sizeB;
  return varies ? together / Math.sqrt(spreadA * spreadB) : 0;
}
