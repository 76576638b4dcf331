// What a check tries a student's code on, and code that has the sizes of something else in it.

export interface Tried {
  /** Default: no network has a part in it. */
  readonly classes?: number;
  /** [height, width, channels] of the images. */
  readonly shape: readonly number[];
}

/** Sizes that students know from the sheets and from elsewhere. */
const CLASSES = new Set([1000, 1001]);
const SIDES = new Set([224, 227, 256, 299, 28]);
/** How many pixels such images have. */
const COUNTS = [
  [224 * 224, "224 × 224"],
  [28 * 28, "28 × 28"],
] as const;

const sizes = ({ classes, shape }: Tried): string =>
  `${classes === undefined ? "" : `a small network with ${classes} classes and `}images of ${shape.join(" × ")}`;

export const triedWords = (tried: Tried): string => `Tried on ${sizes(tried)}.`;

/**
 * What to add to an error's words, or to those for a shape: which number in them is not the size of what is tried here.
 * @param text in which shapes stand
 */
export function sizesIn(text: string, tried: Tried): string {
  const { classes, shape } = tried;
  // A number of its own, not a part of a name or of a fraction.
  const numbers = [...text.matchAll(/(?<![\w.])\d+(?![\w.]*\d)/g)].map(([digits]) => Number(digits));
  const others = numbers.filter((value) => value !== classes && !shape.includes(value));
  const where = `here it is ${sizes(tried)}`;
  const wrong = others.find((value) => CLASSES.has(value));
  if (wrong !== undefined && classes !== undefined)
    return (
      ` — Does your code say ${wrong}? That is the number of classes of another network; ${where}. Take it from ` +
      `the network: model.classNames.length, or logits.shape[1].`
    );
  const count = COUNTS.find(([pixels]) => others.some((value) => value >= pixels && value % pixels === 0));
  const found = others.find((value) => SIDES.has(value));
  const side =
    found !== undefined && text.includes(`${found},${found}`) ? `${found} × ${found}` : (found ?? count?.[1]);
  if (side !== undefined)
    return ` — Does your code say ${side}? That is the size of other images; ${where}. Take sizes from images.shape.`;
  return "";
}
