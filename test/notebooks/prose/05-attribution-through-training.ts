import type { Notebook } from "../../../kernel-setup/course/sheet/notebook";
import type { Prose } from "./numbers";
import { printedNumber, printedNumbers, printedRow } from "./printed";

/** What the two integrals, and the sum, correlate with: brightness, contrast, edges. */
const integral = (run: Notebook, name: string): number[] => printedRow(run, "integrals", name);
/** Of a thing: the share of the map in it, its area, what the map adds up to there, and in the heads beside it. */
const inPot = (run: Notebook, what: string): number[] =>
  printedNumbers(
    run,
    "pot",
    new RegExp(
      String.raw`(\d+) % of the map in the ${what} \(area (\d+) %\), ` +
        String.raw`adding up to ([+−][\d.]+); in the heads to ([+−][\d.]+)`,
    ),
  )[0];
/** The change of the logit when something is covered, of the photographs in turn. */
const covered = (run: Notebook, what: string): number[] =>
  printedNumbers(run, "pot", new RegExp(String.raw`^ +${what} covered: .*logit of \S+ ([+−][\d.]+)`)).flat();
const threeEpochs = (run: Notebook, name: string): number =>
  printedRow(run, "colour-training", `right of 554 held out, ${name}`)[3];
/**
 * A row of the table of adversaries, of the first or the second training: accuracy, unfooled and right at 0.02, at
 * 0.05.
 */
const adversaries = (run: Notebook, row: string, which: 0 | 1): number[] =>
  printedRow(run, "adversaries", row, ["TRAINED AS USUAL", "TRAINED ON FGSM"][which]);

export const prose: Prose = {
  claims: {
    "answer-1": [
      {
        says: "at least 0.5 for the first time after 5 to 60 minibatches, and at least 0.8 after 30 to 180",
        of: (run) => [0.5, printedRow(run, "when", "at least 0.5"), 0.8, printedRow(run, "when", "at least 0.8")],
      },
      {
        says: "right about less than 60 % of the training pictures after 100",
        of: (run) => [100 * printedRow(run, "film-moments", "100 minibatches")[6], 100],
      },
      {
        says: "by 0.18 at most",
        of: (run) => [printedRow(run, "edges-all", "gradient, this sheet's training")],
      },
    ],
    "answer-2": [
      {
        says: "brightness (0.6 to 0.7) more than with contrast (0.4 to 0.5)",
        of: (run) => integral(run, "IG from black").slice(0, 2),
      },
      {
        says: "contrast (0.45 to 0.55) before brightness (0.4 to 0.5)",
        of: (run) => [integral(run, "IG from the mean")[1], integral(run, "IG from the mean")[0]],
      },
      {
        says: "brightness and contrast are below 0.2",
        of: (run) => [integral(run, "summed over training").slice(0, 2)],
      },
    ],
    "answer-3": [
      {
        says: "is right about 50 to 65 % after three epochs, that without about 30 to 42 %",
        of: (run) => [threeEpochs(run, "colour"), 3, threeEpochs(run, "grey")],
      },
    ],
    "answer-4": [
      {
        says:
          "38 % of the map lies in it (30 % of the area), and its values add up to +1.12 logits for roses, those " +
          "in the heads' box to +0.08",
        of: (run) => inPot(run, "basket"),
      },
      {
        says:
          "(+0.01). Not that baskets meant nothing: with the flowers covered as well it falls by 1.89, without " +
          "them alone by 0.93",
        of: (run) => [covered(run, "basket")[0], -covered(run, "both")[2], -covered(run, "heads")[2]],
      },
      {
        says: "adds up to −0.20, *against* roses, and yet covering them costs 2.50",
        of: (run) => [inPot(run, "cup")[3], -covered(run, "heads")[1]],
      },
      {
        says:
          "14 % of the map on 5 % of the area, adding up to −0.40, and without it the logit is 0.34 higher; the " +
          "pot has +0.47, and covering it costs 0.30",
        of: (run) => [
          ...inPot(run, "cup").slice(0, 3),
          covered(run, "cup")[0],
          inPot(run, "pot")[2],
          -covered(run, "pot")[0],
        ],
      },
      {
        says: "roses to the network (0.88)",
        of: (run) => [printedNumber(run, "flowers-setup", /^flowers in a basket +roses ([\d.]+)/m)],
      },
    ],
    "answer-5": [
      {
        says: "of 27 % of the garments at ε = 0.02 and of 58 % at 0.05",
        of: (run) => {
          const [, unfooled, , at5] = adversaries(run, "before training", 0);
          return [100 - unfooled, 0.02, 100 - at5, 0.05];
        },
      },
      {
        says: "right about 14 % only (7 % and 2 % under attack)",
        of: (run) => [0, 2, 4].map((i) => adversaries(run, "before training", 0)[i]),
      },
      {
        says: "84 to 91 % after three epochs, and 64 to 75 % stay unfooled at 0.05 (60 to 72 % right)",
        of: (run) => {
          const [accuracy, , , unfooled, right] = adversaries(run, "after epoch 3", 0);
          return [accuracy, 3, unfooled, 0.05, right];
        },
      },
      {
        says: "78 to 88 % stay unfooled and 72 to 84 % right, for about the same accuracy (84 to 91 %)",
        of: (run) => {
          const [accuracy, , , unfooled, right] = adversaries(run, "after epoch 3", 1);
          return [unfooled, right, accuracy];
        },
      },
    ],
  },
  settings: {
    "22 passes": "models/fashion-deep/CARD.md",
    "4 × 4": "the side of avgPool's windows",
    "96 × 96": "flowers-deep's pictures",
    "71 % against 56 %": "the sheet with FULL: docs/through-training.md",
  },
};
