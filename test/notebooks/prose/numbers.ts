/**
 * Every number in a sheet's prose has a source, or a test fails. To declare a sheet's, write
 * `test/notebooks/prose/SHEET.ts`
 * beside this file (`01-saliency.ts` is one); nothing else is needed, `SHEET.full.test.ts` finds it:
 *
 *     export const prose: Prose = {
 *       claims: {
 *         "answer-5": [                                        // the cell's id
 *           { says: "0.55 to 0.62, four of six are above 0.5", // stands in the cell, word for word (line breaks aside)
 *             of: (run) => [mean(run), over(run), 6, 0.5] },   // one value for each number in it, read from the run
 *         ],
 *       },
 *       settings: { "150,528": "224 · 224 · 3" },              // number as written: where it comes from
 *     };
 *
 * A value may be a list: all of it must be what the number says. How a number is said is how it is held: "0.58" to its
 * last digit, "11 to 21" as a range, "at most", "over", "at least", "0.98 and more" as bounds, "about" to a fifth; in a
 * claim words ("three of six") are numbers, too. What differs between processors needs a range or a bound that was
 * measured on at least two ways of computing: `npx tsx test/notebooks/prose/check.ts SHEET --ways` executes the sheet
 * on the native backend with and without graphs and on WebAssembly, and checks each (`--executed FILE` checks a run
 * that there is).
 *
 * A number that no claim covers is fine where
 *  - it stands for structure: a heading, "section 3", "Task 1", a point, a year, a link, `code`;
 *  - in a model answer: it has a decimal point and stands literally in the sheet's code; or it has two digits or more
 *  and is
 *    printed by a cell between the answer before and this one, to the digits it is said with. Single digits and counts
 *    in words
 *    ("three of six", "six steps") need a claim;
 *  - in other text: it is an integer up to 12, stands in the sheet's code, or is printed by a cell;
 *  - `settings` has it.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isAnswer, sourceOf, textOf, type Cell, type Notebook } from "../../../kernel-setup/course/sheet/notebook";
import { quantitiesIn, says, type Quantity } from "./quantities";

export type Measured = number | readonly number[];

export interface Claim {
  /** Words of the cell, with the numbers in them. */
  readonly says: string;
  /** What the run gives for each number in these words, in their order. */
  readonly of: (run: Notebook) => readonly Measured[];
}

export interface Prose {
  /** Cell ids → what is claimed there. */
  readonly claims: Readonly<Record<string, readonly Claim[]>>;
  /** Numbers as they are written, none of them measured → where they come from. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The declaration of a sheet, if it has one. */
export function proseOf(sheet: string): Prose | undefined {
  const file = join(__dirname, `${sheet}.ts`);
  return existsSync(file) ? (require(file) as { prose: Prose }).prose : undefined;
}

/** Whether a run had to take other data than those its text is about. */
export const onOtherData = (run: Notebook): boolean =>
  run.cells.some((cell) => /SUBSTITUTE|STAND-IN|OTHER PHOTOGRAPHS|A DAHLIA/.test(printedBy(cell)));

const oneLine = (text: string): string => text.replace(/\s+/g, " ");
const blank = (text: string, pattern: RegExp): string => text.replace(pattern, (match) => " ".repeat(match.length));

/** What stands in prose without being said of the run. */
const structure: readonly RegExp[] = [
  /\$\$.*?\$\$/g,
  /`[^`]*`/g,
  /\[(?:arXiv|doi):[^\]]*\]/g,
  /\]\([^)]*\)/g,
  /https?:\S+/g,
  /(?<=^|\n|\s)#+ \d+(?: ·|\.)/g,
  /(?:[Ss]ections?|[Tt]asks?|[Qq]uestions?|Node|CS)(?: and)? \d+(?:(?:,| and|–| to| or) \d+)*/g,
  /\(\d+(?:\.\d+)?(?: together)?\)/g,
  /[Uu]p to \d+ extra/g,
  /\(\d+ points?\)/g,
  /\b\d+(?:\.\d+)? points?\b/g,
  /\| \d+ \|/g,
  /\b(?:19|20)\d\d\b/g,
];

/** Numbers in words that are said of a run: counts out of a whole, and steps. */
const countsInWords =
  /\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve) (?:of|out of)(?: the| all)? (?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d+)\b|\b(?:three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|seventeen|twenty) (?:steps|iterations|epochs)\b/gi;

const printedBy = ({ outputs = [] }: Cell): string =>
  outputs
    .filter(({ output_type, name }) => output_type === "stream" && name === "stdout")
    .map(({ text }) => textOf(text))
    .join("\n")
    .replace(/\u001b\[[0-9;]*m/g, "");
const valuesIn = (text: string): number[] =>
  quantitiesIn(text).flatMap(({ value, to }) => (to === undefined ? [value] : [value, to]));

/** Numbers in the prose of an executed sheet that have no source, one line each. */
export function proseFaults(run: Notebook, { claims, settings = {} }: Prose): string[] {
  const faults: string[] = [],
    texts = run.cells.filter(({ cell_type }) => cell_type === "markdown");
  for (const id of Object.keys(claims))
    if (!texts.some((cell) => cell.id === id))
      faults.push(`${id}: there is no such text, and something is claimed in it`);

  const code = run.cells
    .filter(({ cell_type }) => cell_type === "code")
    .map(sourceOf)
    .join("\n");
  const literal = new Set([...code.matchAll(/(?<![\w.])\d+(?:\.\d+)?(?!\w)/g)].map(([token]) => Number(token)));
  const everything = new Set(run.cells.flatMap((cell) => valuesIn(printedBy(cell))));
  const allowed = new Set(Object.keys(settings)),
    used = new Set<string>();
  let since = 0;
  run.cells.forEach((cell, place) => {
    if (cell.cell_type !== "markdown") return;
    const answer = isAnswer(cell),
      near = run.cells.slice(since, place).flatMap((each) => valuesIn(printedBy(each)));
    if (answer) since = place + 1;
    let text = oneLine(sourceOf(cell));
    for (const claim of claims[cell.id] ?? []) {
      const words = oneLine(claim.says);
      if (!text.includes(words)) {
        faults.push(`${cell.id}: “${words}” is claimed, and does not stand there (once)`);
        continue;
      }
      faults.push(...held(words, claim, run).map((fault) => `${cell.id}: “${words}”: ${fault}`));
      text = text.replace(words, " ".repeat(words.length));
    }
    for (const pattern of structure) text = blank(text, pattern);
    for (const token of allowed) {
      if (text.includes(token)) used.add(token);
      text = blank(
        text,
        new RegExp(String.raw`(?<![\w.,])${token.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}(?![\w]|[.,]\d)`, "g"),
      );
    }
    const whole = (token: string): boolean => !token.includes(".") && Math.abs(Number(token)) < 10;
    const sourced = (token: string, quantity: Quantity): boolean => {
      const value = Math.abs(Number(token)),
        { tolerance } = quantity;
      if (!answer)
        return (
          (Number.isInteger(value) && value <= 12) ||
          literal.has(value) ||
          everything.has(value) ||
          [...everything].some((each) => Math.abs(Math.abs(each) - value) <= tolerance && !Number.isInteger(value))
        );
      if (whole(token)) return false;
      return (
        (token.includes(".") && literal.has(value)) ||
        near.some((each) => Math.abs(Math.abs(each) - value) <= tolerance * 1.0001)
      );
    };
    const unsourced = quantitiesIn(text).filter((quantity) => {
      const tokens = [String(quantity.value), ...(quantity.to === undefined ? [] : [String(quantity.to)])];
      // "1.0" has a decimal point, although its value has none.
      return !tokens.every((token) =>
        sourced(quantity.text.includes(".") && !token.includes(".") ? `${token}.0` : token, quantity),
      );
    });
    faults.push(
      ...unsourced.map(
        ({ text: said, index }) =>
          `${cell.id}: ${said} has no source (“… ${text.slice(Math.max(0, index - 40), index + 40).trim()} …”)`,
      ),
    );
    if (answer)
      for (const { 0: said, index } of text.matchAll(countsInWords))
        faults.push(
          `${cell.id}: ${said} has no source (“… ${text.slice(Math.max(0, index - 40), index + 40).trim()} …”)`,
        );
  });
  for (const token of allowed)
    if (!used.has(token)) faults.push(`settings: ${token} stands nowhere in the prose any more`);
  return faults;
}

function held(words: string, { of }: Claim, run: Notebook): string[] {
  const quantities = quantitiesIn(words, { spelledOut: true });
  let measured: readonly Measured[];
  try {
    measured = of(run);
  } catch (error) {
    return [`its values cannot be read from the run: ${(error as Error).message}`];
  }
  if (quantities.length !== measured.length)
    return [
      `there are ${quantities.length} numbers in it (${quantities.map(({ text }) => text).join("; ")}), and ` +
        `${measured.length} values`,
    ];
  return quantities.flatMap((quantity, i) => {
    const each = [measured[i]].flat();
    if (each.length === 0) return [`${quantity.text}: the run gives no value`];
    const off = each.filter((value) => !says(quantity, value));
    return off.length === 0
      ? []
      : [`${quantity.text}, and the run gives ${off.map((value) => String(Number(value.toPrecision(6)))).join(", ")}`];
  });
}
