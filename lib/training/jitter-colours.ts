/** Luma of red, green and blue (ITU-R BT.601). */
const luma = [0.299, 0.587, 0.114];

/**
 * Changes a picture in place: away from its own greys by `saturation`, from its mean grey by `contrast`, from black by
 * `brightness`; each 1
 * leaves it as it is. Values stay in [0, 1]. A grey picture has no saturation.
 */
export function jitterColours(
  picture: Float32Array,
  channels: number,
  saturation: number,
  contrast: number,
  brightness: number,
): void {
  const weights = channels === 3 ? luma : new Array<number>(channels).fill(1 / channels);
  const greyAt = (at: number): number => weights.reduce((sum, weight, c) => sum + weight * picture[at + c], 0);
  let mean = 0;
  for (let at = 0; at < picture.length; at += channels) mean += greyAt(at);
  mean /= picture.length / channels;
  for (let at = 0; at < picture.length; at += channels) {
    const grey = greyAt(at);
    for (let c = 0; c < channels; c++) {
      const saturated = grey + (picture[at + c] - grey) * saturation;
      picture[at + c] = Math.min(1, Math.max(0, (mean + (saturated - mean) * contrast) * brightness));
    }
  }
}
