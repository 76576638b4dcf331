/** Small inputs made by formula: nothing here comes from a data set. */
const grid = <T>(height: number, width: number, at: (x: number, y: number) => T): T[][] =>
  Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => at(x, y)));

/** A striped shape on a black ground, values in [0, 1]: even ones with two legs, odd ones a block. */
export const garment = (k: number, size = 14): number[][] =>
  grid(size, size, (x, y) => {
    const [u, v] = [x / (size - 1), y / (size - 1)];
    const legs = k % 2 === 0 && v > 0.35 && Math.abs(u - 0.5) < 0.06;
    const inside = v > 0.08 && v < 0.94 && Math.abs(u - 0.5) < (k % 2 === 0 && v > 0.35 ? 0.22 : 0.36) && !legs;
    return inside ? 0.55 + 0.35 * Math.sin(9 * u + k) * Math.cos(7 * v) : 0;
  });

/** Red along x, green along y, stripes of blue. */
export const colorful = (k: number, size = 12): number[][][] =>
  grid(size, size, (x, y) => [x / (size - 1), y / (size - 1), (k + x + y) % 3 === 0 ? 0.9 : 0.1]);

/** A signed map: waves under a hill, of either sign, at most `strength` in size. */
export const waves = (k: number, strength = 1, size = 14): number[][] =>
  grid(size, size, (x, y) => {
    const [u, v] = [x / (size - 1) - 0.5, y / (size - 1) - 0.5];
    return strength * Math.sin(12 * u + k) * Math.cos(9 * v + k) * Math.exp(-6 * (u * u + v * v));
  });

export const classNames = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
];

/** Ten probabilities that sum to 1, led by another class for each k. */
export const probabilities = (k: number): number[] => {
  const powers = classNames.map((_, i) => Math.exp(0.9 * ((i * 7 + k * 3) % 11)));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
};

/** The image with a rectangle set to 0. */
export const occluded = (image: number[][]): number[][] =>
  image.map((row, y) => row.map((value, x) => (y >= 4 && y < 9 && x >= 3 && x < 8 ? 0 : value)));
