/** {@link defaultJitter} in words. */
export const jitterRule = "16, at most a seventh of the side";

/** The course's 16 pixels of 224, at most a seventh of the side of smaller images. */
export const defaultJitter = (height: number, width: number): number =>
  Math.min(16, Math.floor(Math.min(height, width) / 7));
