/** A picture outside the tensor engine. */
export interface Pixels {
  readonly height: number;
  readonly width: number;
  /** 1: grey, 3: RGB. */
  readonly channels: 1 | 3;
  /** height · width · channels values from 0 to 255, row-major, channels last. */
  readonly data: Uint8Array;
}

/** RGB to grey by the luma weights of ITU-R 601, as in PIL's mode L; grey to RGB by repetition. */
export function withChannels(image: Pixels, channels: 1 | 3): Pixels {
  if (image.channels === channels) return image;
  const count = image.height * image.width,
    data = new Uint8Array(count * channels);
  for (let i = 0; i < count; i++) {
    if (channels === 3) data.fill(image.data[i], 3 * i, 3 * i + 3);
    else
      data[i] = Math.round(0.299 * image.data[3 * i] + 0.587 * image.data[3 * i + 1] + 0.114 * image.data[3 * i + 2]);
  }
  return { height: image.height, width: image.width, channels, data };
}
