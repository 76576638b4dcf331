import { printedNumbers } from "./printed";
import type { Prose } from "./numbers";

export const prose: Prose = {
  settings: {
    "0.05": "more than the rounding of a logit of seven digits makes; the sheet's test compares with it",
    "0.002": "2h: two times the step in the sheet's code",
  },
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
