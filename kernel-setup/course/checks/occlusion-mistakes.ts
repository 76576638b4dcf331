import { referenceAttack, same, type AttackSettings, type AttackVariant, type TopLeft } from "./occlusion-reference";
import type { Pixels, SmallNetwork } from "./small-network";

const slips: readonly (AttackVariant & { words: string })[] = [
  {
    take: "highest",
    words:
      "Sign: you take the windows that leave the highest logit, the ones the network can best do without. Which " +
      "windows does it need most?",
  },
  {
    score: "probability",
    words:
      "Probability instead of logit: you look for the lowest probability (after softmax). The score asked for is " +
      "the logit.",
  },
  {
    score: "largest logit",
    words:
      "Wrong class: you lower the largest logit, whichever class has it. Follow one class: the one predicted for " +
      "the untouched image.",
  },
  {
    score: "class 0",
    words: "Wrong class: you lower the logit of class 0. Follow the class predicted for the untouched image.",
  },
  {
    rank: "once",
    words:
      "Ranked once: you rank the windows on the untouched image only. After each step the image is another, so " +
      "every window has to be tried again.",
  },
  { keep: false, words: "Not kept: each step begins again with the untouched image. What has been set to 0 stays 0." },
  {
    last: "one short",
    words:
      "Edge: the last place of each row or column is missing, where the window just touches the edge. Look at " +
      "the end of your loops (< or ≤).",
  },
  { apart: "window", words: "Stride: you move by the window's side, not by `stride`; windows may overlap." },
  {
    stop: "one late",
    words: "Stops too late: the prediction had already changed before your last window. Look at where you test it.",
  },
  {
    stop: "never",
    words: "Does not stop: you go on to `maxSteps` although the prediction has changed. Stop as soon as it has.",
  },
  { value: 1, words: "Value: it looks as if you set pixels to 1. Occluded pixels are 0." },
  { value: 0.5, words: "Value: it looks as if you set pixels to 0.5. Occluded pixels are 0." },
];

/** Words for a list of windows that is not the right one. @param where begins the sentence: `With maxSteps 2` */
export function attackMistake(
  network: SmallNetwork,
  pixels: Pixels,
  settings: AttackSettings,
  found: readonly TopLeft[],
  right: readonly TopLeft[],
  where: string,
): string {
  if (found.length === 0) return `${where} you take no window at all, though the prediction has not changed yet.`;
  const slip = slips.find((variant) => equal(found, referenceAttack(network, pixels, settings, variant)));
  if (slip) return slip.words;
  const swapped = found.map(([row, column]): TopLeft => [column, row]);
  if (equal(swapped, right)) return "Row and column are swapped: a window is [row, column].";
  if (equal([...found].reverse(), right))
    return "Order: these are the right windows in the opposite order. Give them in the order in which they were taken.";
  const agreeing = right.findIndex((place, i) => !found[i] || !same(place, found[i]));
  if (agreeing === -1)
    return (
      `Stops too late: ${where.toLowerCase()} the prediction had already changed after ${right.length} windows, ` +
      `you took ${found.length}.`
    );
  if (agreeing === found.length)
    return (
      `Stops too early: ${where.toLowerCase()} your windows are right, but after ${found.length} of them the ` +
      `prediction has not changed yet.`
    );
  const step =
    agreeing === 0
      ? "already the first window"
      : `the first ${agreeing === 1 ? "window is" : `${agreeing} windows are`} right, but window ${agreeing + 1}`;
  return (
    `Another window: ${where.toLowerCase()} ${step} (yours: [${found[agreeing].join(", ")}]) is not the one that ` +
    `leaves the lowest logit of the class predicted at first.`
  );
}

const equal = (a: readonly TopLeft[], b: readonly TopLeft[]): boolean =>
  a.length === b.length && a.every((place, i) => same(place, b[i]));
