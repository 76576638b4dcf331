import { tooMuchIn } from "../json-bounds";

/** Cells of a notebook; the sheets have about forty. The same in nbgrader/stage.py. */
export const mostCells = 2000;
/** A sheet with all its plots has 15,000 lists and objects, and 25,000 named parts in them. */
const bounds = { lists: 1_000_000, depth: 200, items: 20_000_000, parts: 500_000, cells: mostCells };

const words = {
  lists: `has more than ${bounds.lists.toLocaleString("en")} lists and objects`,
  depth: `has lists and objects in each other, more than ${bounds.depth} deep`,
  items: `has more than ${bounds.items.toLocaleString("en")} values`,
  parts: `has more than ${bounds.parts.toLocaleString("en")} named parts in objects`,
  cells: `has more than ${mostCells} cells`,
};

/**
 * Why a notebook's text is not read: what no notebook needs would take memory without end, and not every reader gets
 * to the bottom of lists in lists. The judge, the pages and the people's copy ask the same, so that nobody grades what
 * others do not see.
 */
export function tooMuchToRead(text: string): string | undefined {
  const what = tooMuchIn(text, bounds);
  return what && what !== "names" ? `the file ${words[what]}, and is not read` : undefined;
}
