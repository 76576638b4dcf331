import { badInput, nearNames } from "vitrine/dist/kit";
import { sheetsMeant } from "./sheet-names.cjs";

/**
 * The one sheet that a word means.
 * @param what the word is, for the message
 * @param names of all sheets
 * @returns undefined where there are no sheets at all
 * @throws BadInputError that names the sheets there are, or those that the word may mean
 */
export function oneSheet(what: string, word: string, names: readonly string[]): string | undefined {
  const meant = sheetsMeant(word, names);
  if (meant.length === 1) return meant[0];
  if (names.length === 0) return undefined;
  return badInput({
    what,
    got: word,
    allowed: `${names.join(", ")}; a name, its number, or the words after it`,
    remedy:
      meant.length > 1
        ? `It fits ${meant.slice(0, -1).join(", ")} and ${meant.at(-1)!}: which?`
        : /^\d+$/.test(word)
          ? undefined
          : `Did you mean ${nearNames(word, names, 1)[0]}?`,
  });
}
