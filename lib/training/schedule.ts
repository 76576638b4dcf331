/**
 * Learning rate over the course of training: a linear warm-up over `warmUp` of the steps, then half a cosine to 0
 * (Loshchilov & Hutter 2017, SGDR).
 * @param done share of all steps done, 0 to 1
 */
export function cosineSchedule(peak: number, done: number, warmUp = 0.02): number {
  if (done < warmUp) return peak * (done / warmUp + 1e-3);
  return peak * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, (done - warmUp) / (1 - warmUp))));
}
