import { printedNumbers } from "./printed";
import type { Prose } from "./numbers";

export const prose: Prose = {
  claims: {
    "answer-1": [
      {
        says: "for the trouser, 5 of 39",
        // The second of the two tables is the deep network's.
        of: (run) =>
          printedNumbers(
            run,
            "sums",
            /Trouser +contributions add up to +(-?[\d.]+) +logit − logit of black +(-?[\d.]+)/,
          )[1],
      },
    ],
  },
};
