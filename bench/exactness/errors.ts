/** How far one photograph's map is from the exact one, as shares of the exact one's largest value. */
export interface MapError {
  /** Of the value that is farthest off. */
  readonly most: number;
  /** Of the 99th percentile of the values: a hundredth are farther off. */
  readonly high: number;
}

/** What is said of many photographs. */
export interface Distribution {
  readonly median: number;
  readonly ninety: number;
  readonly ninetyNine: number;
  readonly most: number;
  /** Share of the photographs above a thousandth. */
  readonly aboveThousandth: number;
}

/** One error for each photograph. @param exact [count, …] in double precision, `actual` alike */
export function mapErrors(actual: ArrayLike<number>, exact: ArrayLike<number>, count: number): MapError[] {
  const size = exact.length / count;
  if (actual.length !== exact.length || !Number.isInteger(size)) {
    throw new Error(`${actual.length} and ${exact.length} values of ${count} maps`);
  }
  return Array.from({ length: count }, (_, image) => {
    const off = new Float64Array(size);
    let largest = 0;
    for (let i = 0; i < size; i++) {
      const at = image * size + i;
      off[i] = Math.abs(actual[at] - exact[at]);
      largest = Math.max(largest, Math.abs(exact[at]));
    }
    off.sort();
    return { most: off[size - 1] / largest, high: percentile(off, 0.99) / largest };
  });
}

export function distribution(values: readonly number[]): Distribution {
  const sorted = Float64Array.from(values).sort();
  return {
    median: percentile(sorted, 0.5),
    ninety: percentile(sorted, 0.9),
    ninetyNine: percentile(sorted, 0.99),
    most: sorted[sorted.length - 1],
    aboveThousandth: values.filter((value) => value > 1e-3).length / values.length,
  };
}

/** The smallest value that at least this share of the values do not exceed. @param sorted ascending */
function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
}
