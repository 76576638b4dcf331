/**
 * Numbers as prose says them: "0.58", "11 to 21", "at most 0.0014", "over 1.5", "about a hundred", "three of six". Each
 * becomes a quantity that a measured value can be held against, no more exactly than its digits are.
 */
export interface Quantity {
  /** As it stands in the text. */
  readonly text: string;
  /** Where it stands in the text. */
  readonly index: number;
  readonly value: number;
  /** The upper end, where it is a range: "11 to 21". */
  readonly to?: number;
  /** Half a unit of its last digit: how far a value may be off that it is said of. */
  readonly tolerance: number;
  readonly is: "equal" | "about" | "most" | "least";
}

const words = [
  "zero",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
  "eleven",
  "twelve",
  "thirteen",
  "fourteen",
  "fifteen",
  "sixteen",
  "seventeen",
  "eighteen",
  "nineteen",
  "twenty",
];
const valueOfWord = new Map([
  ...words.map((word, value) => [word, value] as const),
  ["none", 0],
  ["hundred", 100],
  ["thousand", 1000],
]);
const digits = String.raw`(?<![\w.,])[+−-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\w]|[.,]\d)`;
const spelled = String.raw`\b(?:${[...valueOfWord.keys()].join("|")})\b`;

const number = (text: string): number =>
  valueOfWord.get(text.toLowerCase()) ?? Number(text.replaceAll(",", "").replace("−", "-"));
const halfUnit = (text: string): number => 0.5 * 10 ** -(/\.(\d+)$/.exec(text)?.[1].length ?? 0);

const before: readonly (readonly [RegExp, Quantity["is"]])[] = [
  [/(?:at most|up to|no more than|under|below|less than)(?: an?)? ?$/i, "most"],
  [/(?:at least|no less than|over|above|more than)(?: an?)? ?$/i, "least"],
  [/(?:about|around|some|nearly|almost)(?: an?)? ?$/i, "about"],
];
const after: readonly (readonly [RegExp, Quantity["is"]])[] = [
  [/^(?: %)? (?:at most|or less|and less|or fewer)\b/i, "most"],
  [/^(?: %)? (?:at least|or more|and more)\b/i, "least"],
];

/** The quantities in a text, in their order. `spelledOut`: numbers in words, too. */
export function quantitiesIn(text: string, { spelledOut = false } = {}): Quantity[] {
  const one = spelledOut ? `(?:${digits}|${spelled})` : digits;
  const found = [...text.matchAll(new RegExp(`(${one})(?:(?: %)?(?: to |–)(${one}))?`, "gi"))];
  return found.map((match) => {
    const [whole, from, to] = match,
      { index } = match;
    const said = (kinds: typeof before, part: string): Quantity["is"] | undefined =>
      kinds.find(([pattern]) => pattern.test(part))?.[1];
    const is =
      said(before, text.slice(Math.max(0, index - 20), index)) ??
      said(after, text.slice(index + whole.length)) ??
      "equal";
    return {
      text: whole,
      index,
      value: number(from),
      ...(to === undefined ? {} : { to: number(to) }),
      tolerance: Math.min(halfUnit(from), halfUnit(to ?? from)),
      is,
    };
  });
}

/** Whether a measured value is what a quantity says. "About" allows a fifth of the value, and one of a count. */
export function says({ value, to, tolerance, is }: Quantity, measured: number): boolean {
  if (!Number.isFinite(measured)) return false;
  // What is printed with three digits and said with two may lie on the edge itself.
  const slack = tolerance * 1.0001 + 1e-12;
  if (to !== undefined) return measured >= Math.min(value, to) - slack && measured <= Math.max(value, to) + slack;
  if (is === "most") return measured <= value + slack;
  if (is === "least") return measured >= value - slack;
  const off = Math.abs(measured - value);
  if (is === "about")
    return off <= Math.max(slack, Math.abs(value) / 5, Number.isInteger(value) && tolerance === 0.5 ? 1 : 0);
  return off <= slack;
}
