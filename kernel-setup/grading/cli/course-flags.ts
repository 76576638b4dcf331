/** Flags of the commands that are about a course, or a class. */
export const courseFlag = {
  course: { type: "text", value: "DIR", help: "the course's folder (default: notebooks)" },
} as const;
export const studentsFlag = { students: { type: "text", value: "A,B", help: "only these (default: all)" } } as const;

/** The students that --students names; undefined for all. */
export const studentsIn = (flag: string | undefined): string[] | undefined =>
  flag
    ?.split(",")
    .map((each) => each.trim())
    .filter(Boolean);
