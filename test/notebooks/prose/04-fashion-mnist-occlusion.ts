import type { Notebook } from "../../../kernel-setup/course/sheet/notebook";
import { printedNumber, printedNumbers } from "./printed";
import type { Prose } from "./numbers";

/** Rows of the table of shares: before, after, area, in per cent. */
const shares = (run: Notebook, method: string): number[][] =>
  printedNumbers(
    run,
    "shares",
    new RegExp(String.raw`^${method} .*before +([\d.]+) %, after +([\d.]+) % \(area +([\d.]+) %\)`),
  );
const mostAfter = (run: Notebook, method: string): readonly number[] =>
  [...shares(run, method)].sort((a, b) => b[1] - a[1])[0];
const afterOfIntegrated = (run: Notebook): number[] => shares(run, "integrated gradients").map((row) => row[1]);
/** The largest fall of the logit in each of the four occlusion maps. */
const falls = (run: Notebook): number[] =>
  printedNumbers(run, "region", /covering lowers the logit by ([\d.]+) on average/).flat();
const coat = (run: Notebook): number[][] =>
  printedNumbers(
    run,
    "coat",
    /logit of Pullover (-?[\d.]+), of Coat (-?[\d.]+), lead (-?[\d.]+); probabilities ([\d.]+) and ([\d.]+)/,
  );
/** The mean probability that 300 pullovers lose to a class. */
const lostTo = (run: Notebook, name: string): number =>
  printedNumber(run, "certainty", new RegExp(String.raw`mean of Pullover .*?${name} ([\d.]+)`));

export const prose: Prose = {
  claims: {
    "answer-1": [
      {
        says: "Shirt and Coat alike (0.05 each), then T-shirt/top (0.015)",
        of: (run) => [[lostTo(run, "Shirt"), lostTo(run, "Coat")], lostTo(run, "T-shirt/top")],
      },
      {
        says:
          "the logit of Pullover is 3.95, that of Coat 3.33, a lead of 0.62, so 0.65 against 0.35; the sure " +
          "pullover leads Coat by 10.46",
        of: (run) => [...coat(run)[1], coat(run)[0][2]],
      },
      { says: "costs 10.02 and 8.37 units of the logit", of: (run) => falls(run).slice(0, 2) },
      { says: "the most that a window costs is 4.76, for the unsure pullover 3.93", of: (run) => falls(run).slice(2) },
    ],
    "answer-3": [
      {
        says: "up to three times the region's part of the area (19 % on 6 %)",
        of: (run) => {
          const [, after, area] = mostAfter(run, "saliency");
          return [shares(run, "saliency").map((row) => row[1] / row[2]), after, area];
        },
      },
      {
        says: "which is 0 wherever x is black: the share after the attack is 0 by construction",
        of: (run) => [afterOfIntegrated(run), afterOfIntegrated(run)],
      },
      { says: "the factor (x − x′) makes it 0", of: (run) => [afterOfIntegrated(run)] },
      {
        says: "(up to 37 % on 6 %)",
        of: (run) => [shares(run, "guided backprop").map((row) => row[1]), mostAfter(run, "guided backprop")[2]],
      },
    ],
  },
  settings: { "784": "28 · 28" },
};
