import { resize } from "../data/resize";
import type { Picture } from "./pictures";

/**
 * A picture in [0, 1] at most so many pixels wide, 8 bits a value: figures of many pictures would weigh megabytes.
 * Leave it a little
 * wider than it is shown: only then is it drawn smoothly.
 */
export function shrunk(picture: Picture, width: number): Picture {
  const { height, channels, values } = picture,
    across = Math.max(1, Math.round(width));
  if (picture.width <= across) return picture;
  const data = Uint8Array.from(values as ArrayLike<number>, (value) =>
    Math.round(255 * Math.min(1, Math.max(0, value))),
  );
  const small = resize(
    { height, width: picture.width, channels: channels as 1 | 3, data },
    Math.max(1, Math.round((height * across) / picture.width)),
    across,
  );
  return { height: small.height, width: small.width, channels, values: Array.from(small.data, (byte) => byte / 255) };
}
