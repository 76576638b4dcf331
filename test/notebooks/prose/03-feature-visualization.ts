// Measured for the words below: answer 4 natively with graphs, op by op, and on WebAssembly; answer 5 on the two native
// ways.
import type { Notebook } from "../../../kernel-setup/course/sheet/notebook";
import { printed } from "../course";
import type { Prose } from "./numbers";

/** Of each trial of a cell: logit and probability. */
function trials(run: Notebook, cell: string): Map<string, { logit: number; probability: number }> {
  const rows = printed(run, cell).matchAll(/^(.+?) {2,}logit +(-?[\d.]+), probability ([\d.]+)/gm);
  return new Map(
    [...rows].map(([, name, logit, probability]) => [name, { logit: Number(logit), probability: Number(probability) }]),
  );
}

const logitOf = (run: Notebook, name: string): number => trials(run, "regularizers").get(name)!.logit;

/** What a judge says of the dreams of a maker, class by class. */
function verdicts(run: Notebook, wanted: (judge: string, maker: string) => boolean): number[] {
  const rows = [...printed(run, "others").matchAll(/^(\S+) +of the dreams of (\S+) *: (.*)$/gm)].filter(
    ([, judge, maker]) => wanted(judge, maker),
  );
  return rows.flatMap(([, , , said]) =>
    [...said.matchAll(/ (\d\.\d{4}) /g)].map(([, probability]) => Number(probability)),
  );
}

export const prose: Prose = {
  claims: {
    "answer-4": [
      {
        says: "over 600, under 350 with the recipe",
        of: (run) => [
          ["none", "λ = 1e-3", "total variation"].map((name) => logitOf(run, name)),
          logitOf(run, "all (the recipe)"),
        ],
      },
      {
        says: "probability is over 0.99 all the same",
        of: (run) => [[...trials(run, "regularizers").values()].map(({ probability }) => probability)],
      },
    ],
    "answer-5": [
      { says: "over 0.8 for each class", of: (run) => [verdicts(run, (judge, maker) => judge === maker)] },
      {
        says: "no foreign verdict reaches 0.5",
        of: (run) => [
          Math.max(...verdicts(run, (judge, maker) => judge !== maker && maker !== "GoogLeNet")) < 0.5 ? 0.5 : 1,
        ],
      },
    ],
  },
  settings: {
    "600 kB": "224 · 224 · 3 values of four bytes",
    "150,000": "224 · 224 · 3, rounded",
    "100,000": "published setting 6",
    "5,000": "published setting 3",
    "10,000": "of the bonus",
    "with 5": "η of a trial",
    "1e-2": "λ of a trial",
    "5e-5": "λ of a trial",
    "4e-3": "η of published setting 3",
    "t^2": "a formula",
    "sheet 1": "a sheet",
    "sheet 2": "a sheet",
  },
};
