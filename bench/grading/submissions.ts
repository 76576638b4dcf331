import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Course } from "../../kernel-setup/grading/class/course";
import type { Results } from "../../kernel-setup/grading/class/results";
import { loadTasks } from "../../kernel-setup/grading/judge/load-tasks";

interface Cell {
  id: string;
  source: string | string[];
}
interface Notebook {
  cells: Cell[];
}

export interface Expected {
  student: string;
  kind: "honest" | "stub" | "mutant" | "hostile";
  /** Is this what it should get? */
  right(results: Results): boolean;
}

/** What attackers put in place of the first task; none may have a point of it. */
const attacks: readonly string[] = [
  "process.exit(0);",
  "function myGradient() { while (true) {} }",
  "function myGradient() { for (;;) console.log('x'.repeat(1000)); }",
  "Object.defineProperty(Array.prototype, 'length', { value: 3 }); console.log(JSON.stringify({ score: 12, " +
    "status: 'passed' })); function myGradient() { throw new Error('passed'); }",
  "require('fs').writeFileSync('/results.json', '{\"score\":12}'); function myGradient() { return null; }",
];

/**
 * A class of one sheet: half honest solutions, the rest untouched stubs, the sheet's own broken solutions, and attacks,
 * in turn.
 * @param project where the sheet and its release are
 */
export function generateClass(project: string, course: Course, sheet: string, count: number): Expected[] {
  cpSync(join(project, "notebooks", "source", sheet), course.source(sheet), { recursive: true });
  cpSync(join(project, "notebooks", "nbgrader_config.py"), join(course.root, "nbgrader_config.py"));
  const read = (kind: string): Notebook =>
    JSON.parse(readFileSync(join(project, "notebooks", kind, sheet, `${sheet}.ipynb`), "utf8")) as Notebook;
  const source = read("source"),
    tasks = loadTasks(join(course.source(sheet), "judge"));
  const most = tasks.reduce(
    (sum, { parts }) => sum + parts.reduce((all, { points, extra }) => all + (extra ? 0 : points), 0),
    0,
  );
  const mutants = tasks.flatMap(({ task, mutants: broken = [] }) => broken.map((mutant) => ({ task, ...mutant })));
  const put = (student: string, cells: Readonly<Record<string, string>> | string): void => {
    const folder = course.submitted(student, sheet);
    mkdirSync(folder, { recursive: true });
    const notebook = read("release");
    if (typeof cells === "object") for (const cell of notebook.cells) cell.source = cells[cell.id] ?? cell.source;
    writeFileSync(join(folder, `${sheet}.ipynb`), typeof cells === "string" ? cells : JSON.stringify(notebook));
  };
  // No two alike, so that nothing can be done once for several.
  const solved = (i: number): Record<string, string> =>
    Object.fromEntries(tasks.map(({ task }) => [task, `${text(source, task)}\n// ${i}`]));
  const score =
    (wanted: (points: number) => boolean) =>
    ({ score: got, vitrine }: Results): boolean =>
      vitrine.status === "graded" && wanted(got);
  return Array.from({ length: count }, (_, i): Expected => {
    const student = `student-${String(i).padStart(3, "0")}`,
      turn = i % 10;
    if (turn < 5) {
      put(student, solved(i));
      return { student, kind: "honest", right: score((points) => points === most) };
    }
    if (turn === 5) {
      put(student, {});
      return { student, kind: "stub", right: score((points) => points === 0) };
    }
    if (turn < 9) {
      const mutant = mutants[(3 * Math.floor(i / 10) + turn - 6) % mutants.length];
      put(student, { ...solved(i), [mutant.task]: mutant.code });
      return { student, kind: "mutant", right: score((points) => points <= most - mutant.losesAtLeast) };
    }
    const which = Math.floor(i / 10) % (attacks.length + 1);
    put(student, which === attacks.length ? "{ no notebook" : { ...solved(i), [tasks[0].task]: attacks[which] });
    return {
      student,
      kind: "hostile",
      right: ({ vitrine }) => (which === attacks.length ? vitrine.status === "error" : vitrine.tasks[0].points === 0),
    };
  });
}

function text({ cells }: Notebook, id: string): string {
  const { source } = cells.find((cell) => cell.id === id)!;
  return (Array.isArray(source) ? source.join("") : source).replace(/^\/\/\/ (BEGIN|END) SOLUTION\n?/gm, "");
}
