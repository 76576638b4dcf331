/**
 * Part of a picture enlarged to the whole, bilinearly, with half-pixel centres: never beyond the picture's edge.
 * @param share side of the part as a share of the picture's, above 0, to 1
 * @param left where the part lies between the leftmost (0) and the rightmost (1) place it can have; `top` likewise
 */
export function cropped(
  picture: Float32Array,
  [height, width, channels]: readonly [number, number, number],
  share: number,
  top: number,
  left: number,
): Float32Array {
  const part = new Float32Array(picture.length);
  const rows = samples(height, share, top),
    columns = samples(width, share, left);
  for (let y = 0; y < height; y++) {
    const row = rows[y];
    for (let x = 0; x < width; x++) {
      const column = columns[x],
        a = (row.low * width + column.low) * channels,
        b = (row.low * width + column.high) * channels;
      const c = (row.high * width + column.low) * channels,
        d = (row.high * width + column.high) * channels;
      for (let channel = 0; channel < channels; channel++) {
        const above = picture[a + channel] + (picture[b + channel] - picture[a + channel]) * column.part;
        const below = picture[c + channel] + (picture[d + channel] - picture[c + channel]) * column.part;
        part[(y * width + x) * channels + channel] = above + (below - above) * row.part;
      }
    }
  }
  return part;
}

/** Between which two pixels each pixel of the result lies, and how near the second. */
function samples(size: number, share: number, place: number): { low: number; high: number; part: number }[] {
  const offset = place * (1 - share) * size;
  return Array.from({ length: size }, (_, i) => {
    const at = Math.min(size - 1, Math.max(0, offset + (i + 0.5) * share - 0.5)),
      low = Math.floor(at);
    return { low, high: Math.min(size - 1, low + 1), part: at - low };
  });
}
