/** Flags of the commands that are about a course, or a class. */
export const courseFlag = {
  course: { type: "text", value: "DIR", help: "the course's folder (default: notebooks)" },
} as const;
export const studentsFlag = { students: { type: "text", value: "A,B", help: "only these (default: all)" } } as const;

/** How a sheet is named, for --help. */
export const sheetWords = "A sheet is named by name, number or title: 00-warm-up, 0, warm-up.";

/** The students that --students names; undefined for all. */
export const studentsIn = (flag: string | undefined): string[] | undefined =>
  flag
    ?.split(",")
    .map((each) => each.trim())
    .filter(Boolean);
