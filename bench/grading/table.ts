export interface Row {
  title: string;
  submissions: number;
  seconds: number;
  memory?: number;
  /** MiB at the most of one job, grader and sandbox. */
  one?: number;
  right: string;
}

export interface BenchResults {
  date: string;
  machine: string;
  sheet: string;
  jobs: number;
  rows: Row[];
  wrong: string[];
  skipped: string[];
}

const mib = (value: number | undefined): string => (value === undefined ? "–" : String(Math.round(value)));

/** The results as the page that is published. */
export function table({ date, machine, sheet, jobs, rows, wrong, skipped }: BenchResults): string {
  const line = ({ title, submissions, seconds, memory, one, right }: Row): string =>
    `| ${title} | ${submissions} | ${seconds.toFixed(0)} | ${(seconds / submissions).toFixed(2)} | ` +
    `${((60 * submissions) / seconds).toFixed(1)} | ${mib(memory)} | ${mib(one)} | ${right} |`;
  const notes = [...wrong.map((each) => `wrong: ${each}`), ...skipped.map((each) => `not measured: ${each}`)];
  return `# Grading a class

Written by \`npm run bench:grading\`: generated submissions of \`${sheet}\`: half honest solutions, the rest untouched
stubs, the sheet's own broken solutions and attacks (endless loops, floods of output, \`process.exit\`, forged results,
a file that is no notebook).

${date}, ${machine}, ${jobs} jobs at once.

| | submissions | seconds | s each | a minute | memory, MiB | of one job | right |
|---|--:|--:|--:|--:|--:|--:|--:|
${rows.map(line).join("\n")}

Right: an honest solution has all points, a stub none, a broken solution loses what it should at the least, an attack
has no point of the task it attacks. Memory is the most that all processes have together, shared pages counted once;
that of one job is its grader's and its sandbox's, each at its peak. nbgrader's own autograde runs the whole sheet in
its kernel, one submission after the other, with the students' code having the assistant's rights; its points are
those of the visible checks: right is who has all of them.
${notes.map((each) => `\n- ${each}`).join("")}
`;
}
