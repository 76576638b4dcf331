import { printed } from "../course";
import type { Notebook } from "../../../kernel-setup/course/sheet/notebook";
import type { Prose } from "./numbers";
import { printedNumber, printedNumbers, printedRow } from "./printed";

/** In how much of the pixels half of a photograph's map lies, in per cent. */
const tightness = (run: Notebook, ...titles: string[]): number[] =>
  titles.map((title) => printedNumber(run, "tightness", new RegExp(`^${title} +half of the map lies in +([\\d.]+) %`)));
const scores = (run: Notebook, row: string): number[] =>
  printedRow(run, "score-choice", row, "COSINE WITH THE LOGIT'S");
const largest = (run: Notebook, row: string): number => printedRow(run, "score-choice", row, "LARGEST VALUE")[0];
const signs = (run: Notebook, row: string): number[] => printedRow(run, "sign-choice", row);
const sizes = (run: Notebook): number[] => {
  const [most, high] = ["largest value", "99th percentile"].map((row) => printedRow(run, "scale-choice", row));
  return most.map((value, i) => value / high[i]);
};
const pairs = (run: Notebook): number[] =>
  printedNumbers(run, "pairs", /Pairs: (\d+) of (\d+) cost over 0\.5 more together than added up, (\d+) over/)[0];
/** Of one map's boxes: mean overlap, how many reach 0.5, of how many. */
const boxes = (run: Notebook, method: string): number[] =>
  printedNumbers(
    run,
    "boxes-show",
    new RegExp(`^${method}, fraction [^\\n]*\\n +mean ([\\d.]+), at least 0\\.5 for (\\d) of (\\d)`),
  )[0];
const overlap = (run: Notebook, method: string, place: number): number =>
  printedRow(run, "boxes-show", `${method}, fraction`, "INTERSECTION")[1 + place];
const inside = (run: Notebook, row: string): number[] => printedRow(run, "boxes-show", row, "SHARE OF THE MASS");
/** A row of the experiment with contrast: contrast, probability, pass. */
const fading = (run: Notebook): number[][] => printedNumbers(run, "contrast", /^(\d\.\d+) +(\d\.\d+) +\S.* (\d\.\d+)$/);
const fadedTo = (run: Notebook, contrast: number): number => fading(run).find(([c]) => c === contrast)![1];
/** Of the table with the networks under a heading: the numbers of a photograph, one for each network. */
const networks = (run: Notebook, heading: string, title: string): number[] => {
  if (!printed(run, "models").includes(heading)) throw new Error(`no table ${heading}`);
  return printedRow(run, "models", title, heading);
};
const half = "HALF OF THE MAP LIES IN",
  cosine = "COSINE WITH SQUEEZENET'S";
const titles = ["hay", "quail", "Tibetan mastiff", "Border terrier", "brown bear", "pajama", "sports car"];
/** One network's column of such a table; networks: SqueezeNet, GoogLeNet, DeiT-tiny. */
const column = (run: Notebook, heading: string, network: number): number[] =>
  titles.map((title) => networks(run, heading, title)[network]);

export const prose: Prose = {
  claims: {
    "answer-1": [
      {
        says: "half of the mass in 10 to 12 % of the pixels: Border terrier, quail, Cardigan, hay, Tibetan mastiff",
        of: (run) => [tightness(run, "Border terrier", "quail", "Cardigan", "hay", "Tibetan mastiff")],
      },
      {
        says: "16 to 19 %: sports car, modem, pajama, daisy",
        of: (run) => [tightness(run, "sports car", "modem", "pajama", "daisy")],
      },
    ],
    "answer-2": [
      {
        says: "for hay at most 0.0014 where the logit's reaches 3.7",
        of: (run) => [largest(run, "probability"), largest(run, "logit")],
      },
      { says: "once $p_c$ is 1 to the last digit", of: () => [1] },
      { says: "their cosines of 0.8 to 0.9 only", of: (run) => [scores(run, "log-probability")] },
      { says: "(0.86 to 0.94)", of: (run) => [scores(run, "logit of the runner-up")] },
      {
        says: "moves the logits by 1.1 at most",
        of: (run) => [[...signs(run, "brighter"), ...signs(run, "darker")].map(Math.abs)],
      },
      {
        says: "they rise by 11 to 21, against it they fall by 9 to 16",
        of: (run) => [signs(run, "along the sign"), signs(run, "against it").map(Math.abs)],
      },
      {
        says: "cosines of 0.98 and more",
        of: (run) => [
          [
            ...printedRow(run, "colour-choice", "length of the three"),
            ...printedRow(run, "colour-choice", "sum of the sizes"),
          ],
        ],
      },
      {
        says: "14 to 24 % is lost to cancelling",
        of: (run) => [printedRow(run, "colour-choice", "LEFT BY CANCELLING").map((left) => 100 - left)],
      },
      { says: "four to six times the 99th percentile", of: (run) => [sizes(run)] },
    ],
    "answer-4": [
      { says: "of 30, 19 cost over 0.5 *less* together", of: (run) => [pairs(run)[1], pairs(run)[2], 0.5] },
      { says: "4 cost *more*", of: (run) => [pairs(run)[0]] },
      { says: "the pass lies at 0.2 to 0.7 of the lower peak", of: (run) => [fading(run).map(([, , pass]) => pass)] },
      {
        says: "from 0.92 at half the contrast to 0.40 at 0.35 and 0.03 at 0.25",
        of: (run) => [fadedTo(run, 0.5), fadedTo(run, 0.35), 0.35, fadedTo(run, 0.25), 0.25],
      },
    ],
    "answer-5": [
      {
        says: "a mean overlap of 0.58, four of six are above 0.5",
        of: (run) => [boxes(run, "SmoothGrad")[0], boxes(run, "SmoothGrad")[1], 6, 0.5],
      },
      {
        says: "the gradient (0.51) manages three of six, Grad-CAM (0.49) two",
        of: (run) => {
          const [mean, over, all] = boxes(run, "gradient"),
            [cam, two] = boxes(run, "Grad-CAM");
          return [mean, over, all, cam, two];
        },
      },
      {
        says: "Cardigan: 33 to 47 % instead of 12 %",
        of: (run) => [
          ["gradient", "SmoothGrad", "Grad-CAM"].map((method) => inside(run, method)[4]),
          inside(run, "if spread evenly")[4],
        ],
      },
      { says: "(0.30, 0.35)", of: (run) => [overlap(run, "Grad-CAM", 1), overlap(run, "Grad-CAM", 2)] },
      {
        says: "pajama and modem (0.16, 0.24)",
        of: (run) => [overlap(run, "gradient", 3), overlap(run, "gradient", 5)],
      },
      { says: "the very six photographs", of: (run) => [boxes(run, "gradient")[2]] },
    ],
    "bonus-answer": [
      { says: "(cosines of 0.85 to 0.97)", of: (run) => [column(run, cosine, 1)] },
      { says: "(0.41 to 0.94, least for hay)", of: (run) => [column(run, cosine, 2)] },
      {
        says: "(19 to 23 % of the pixels hold half of the map), DeiT-tiny is tight (9.2 %)",
        of: (run) => [networks(run, half, "sports car").slice(0, 2), networks(run, half, "sports car")[2]],
      },
      { says: "spread out for all (14 to 15 %)", of: (run) => [networks(run, half, "brown bear")] },
    ],
  },
  settings: { "1,000": "ImageNet's classes", "t = 1": "the last step of the walk, in its code" },
};
