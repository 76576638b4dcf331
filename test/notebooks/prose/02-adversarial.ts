import type { Notebook } from "../../../kernel-setup/course/sheet/notebook";
import type { Prose } from "./numbers";
import { printedNumber, printedNumbers, printedRow } from "./printed";

/** To each class: steps and L2 distance. */
const goals = (run: Notebook): number[][] =>
  printedNumbers(run, "any-class", /→ .+? +(\d+) steps, L2 distance ([\d.]+)/);
const stingray = (run: Notebook): number[] => printedNumbers(run, "stingray", /^quail 1: .* after (\d+) steps/)[0];
/** Probability of stingray on the first fooling image. */
const sure = (run: Notebook): number => printedNumber(run, "stingray", /^quail 1: .*, stingray ([\d.]+) after/);
const signs = (run: Notebook): number[] =>
  printedNumbers(run, "panda", /; of (\d+) the network is more than 0\.5 sure/)[0];
/** Predictions that other networks keep at 0.01, 0.03 and 0.1, in %. */
const transfer = (run: Notebook, network: string): number[] =>
  printedNumbers(
    run,
    "transfer",
    new RegExp(`^${network} +(\\d+) % at 0\\.01, +(\\d+) % at 0\\.03, +(\\d+) % at 0\\.1`),
  )[0];
/** A row of the flowers over 0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, in % of the first. */
const flowers = (run: Notebook, row: string): number[] => {
  const counts = printedRow(run, "flowers-share", row);
  return counts.map((count) => (100 * count) / counts[0]);
};
/** Edges in the gradient after some epochs, one number for each photograph. */
const edges = (run: Notebook, age: number): number[] => printedRow(run, "growing", `after ${age} epochs`);
/** One of the five garment networks: right at 0, 0.01, 0.02, 0.05, 0.1; PGD; ReLU's; rise kept; distance. */
const small = (run: Notebook, network: string): number[] => printedRow(run, "activations", `${network} `.padEnd(19));
/** How long the flower network was trained. */
const epochs = 40;
const three = ["ReLU", "tanh", "sigmoid"];
/** How many of how many change under a white square of this side. */
const square = (run: Notebook, side: number): number[] =>
  printedNumbers(run, "rectangle", new RegExp(`square of +${side} × .*: (\\d+) of (\\d+) photographs`))[0];

export const prose: Prose = {
  claims: {
    "answer-1": [
      {
        says: "6 steps of length 1 in the normalised space are enough for the first quail",
        of: (run) => [stingray(run), 1],
      },
      { says: "an L2 distance of 0.86, spread", of: (run) => [goals(run)[0][1]] },
      { says: "to 0.58", of: (run) => [sure(run)] },
      {
        says: "the five of them take 6 to 17 steps and an L2 distance of 0.86 to 1.66",
        of: (run) => [
          goals(run).length,
          goals(run).map(([steps]) => steps),
          goals(run).map(([, distance]) => distance),
        ],
      },
    ],
    "answer-2": [{ says: "often with more than 0.5", of: (run) => [signs(run)[0] >= 10 ? 0.6 : 0] }],
    "answer-3": [
      {
        says: "with a probability of about 0.3",
        of: (run) => [
          printedNumbers(run, "flowers-show", /^before training, .*: photograph: \S+ ([\d.]+);/).map(([p]) => p),
        ],
      },
      {
        says: "it is right about 165 of 200 photographs",
        of: (run) => printedNumbers(run, "flowers-share", /gets (\d+) of (\d+) right/)[0],
      },
      { says: "Of these 32 to 36 % stay", of: (run) => [flowers(run, `after ${epochs} epochs, sign step`)[3]] },
      { says: "(correlations with the edges of the flowers 0.1 to 0.3 before training)", of: (run) => [edges(run, 0)] },
      {
        says: "GoogLeNet keeps 25 %, DeiT 50 %",
        of: (run) => [transfer(run, "googlenet")[2], transfer(run, "deit_tiny")[2]],
      },
      {
        says: "they keep 67 % and 92 %",
        of: (run) => [
          transfer(run, "googlenet, noise of that size")[2],
          transfer(run, "deit_tiny, noise of that size")[2],
        ],
      },
    ],
    "answer-5": [
      {
        says: "changes the class of 7 of 20 flowers, and 24 × 24 pixels that of 7",
        of: (run) => [square(run, 12)[0], square(run, 12)[1], 24, 24, square(run, 24)[0]],
      },
      {
        says: "12 × 12 pixels, 1.6 % of the photograph",
        of: (run) => [12, 12, printedNumber(run, "rectangle", /square of 12 × .*, +([\d.]+) %/)],
      },
    ],
    "answer-4": [
      {
        says:
          "After a sign step of 0.05 each of the three networks still recognises 30 to 37 % of the garments, after " +
          "eight small steps 10 to 30 %",
        of: (run) => [0.05, 3, three.map((name) => small(run, name)[3]), 8, three.map((name) => small(run, name)[5])],
      },
      {
        says: "leave the tanh and sigmoid networks 70 to 82 %",
        of: (run) => [[small(run, "tanh")[6], small(run, "sigmoid")[6]]],
      },
      { says: "equally far (0.40 to 0.52)", of: (run) => [three.map((name) => small(run, name)[8])] },
      {
        says: "it keeps 50 to 60 % of the promised rise, sigmoid 88 to 94 %",
        of: (run) => [small(run, "ReLU")[7], small(run, "sigmoid")[7]],
      },
      { says: "88 % right instead of 92 %", of: (run) => [small(run, "sigmoid")[0], small(run, "ReLU")[0]] },
      { says: "(0.91 in place of 0.45)", of: (run) => [small(run, "ReLU, boundary")[8], small(run, "ReLU")[8]] },
      {
        says:
          "at 0.05 the network recognises 64 to 68 % after a sign step and 50 to 56 % after eight steps, where the " +
          "noise control has 39 to 45 and 18 to 24 %",
        of: (run) => [
          0.05,
          small(run, "ReLU, boundary")[3],
          small(run, "ReLU, boundary")[5],
          8,
          small(run, "ReLU, noise")[3],
          small(run, "ReLU, noise")[5],
        ],
      },
      { says: "90 % right instead of 92 %", of: (run) => [small(run, "ReLU, boundary")[0], small(run, "ReLU")[0]] },
      { says: "at 0.1 only 45 to 53 % are left", of: (run) => [0.1, small(run, "ReLU, boundary")[4]] },
      {
        says: "8 apart with one margin",
        of: (run) => [
          printedNumber(run, "circle", /two images are (\d+) apart/),
          printedNumbers(run, "circle", /margin is (-?[\d.]+), at the opposite point (-?[\d.]+)\./).every(
            ([here, there]) => Math.abs(here - there) < 2e-3,
          )
            ? 1
            : 2,
        ],
      },
    ],
  },
  settings: {
    "150,528": "224 · 224 · 3",
    "1,000": "ImageNet's classes",
    "255": "the largest grey level of a byte",
    "12,000": "models/fashion-activations/train.ts",
  },
};
