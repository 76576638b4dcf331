import { UsageError } from "vitrine/dist/kit";

/** Flags of the commands that are about a course, or a class. */
export const courseFlag = {
  course: { type: "text", value: "DIR", help: "the course's folder (default: notebooks)" },
} as const;
export const studentsFlag = { students: { type: "text", value: "A,B", help: "only these (default: all)" } } as const;

/** How a sheet is named, for --help. */
export const sheetWords = "A sheet is named by name, number or title: 00-warm-up, 0, warm-up.";

/**
 * The students that --students names; undefined for all.
 * @throws UsageError where it names nobody, as an empty variable of a shell does
 */
export function studentsIn(flag: string | undefined): string[] | undefined {
  const students = flag
    ?.split(",")
    .map((each) => each.trim())
    .filter(Boolean);
  if (students?.length === 0) throw new UsageError(`--students is "${flag}"; allowed: one name or more, as ann,bob.`);
  return students;
}
