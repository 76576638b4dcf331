import type { Notebook } from "vitrine-course/dist/sheet/notebook";
import type { Sheet } from "../course";

/** One thing that validation shows of a sheet, or fails to. */
export interface Proof {
  readonly what: string;
  readonly holds: boolean;
  /** In one line: what was found, or what is wrong. */
  readonly says: string;
}

export interface Draft {
  readonly sheet: Sheet;
  readonly notebook: Notebook;
}

/** A proof that holds where nothing is wrong; the first few faults are told. */
export function proof(what: string, faults: readonly string[], otherwise: string): Proof {
  const more = faults.length > 3 ? `; and ${faults.length - 3} more` : "";
  return {
    what,
    holds: faults.length === 0,
    says: faults.length === 0 ? otherwise : `${faults.slice(0, 3).join("; ")}${more}`,
  };
}

/** `1 task`, `3 tasks`. */
export const counted = (count: number, one: string, more = `${one}s`): string => `${count} ${count === 1 ? one : more}`;
