import { courseAt } from "../../../kernel-setup/grading/class/course";
import { gradeClass } from "../../../kernel-setup/grading/class/grade-class";
import { pool } from "../../../kernel-setup/grading/class/pool";
import { join } from "node:path";

/** A grader in a process of its own, to be killed: ROOT SHEET JOBS. */
const [root, sheet, jobs] = process.argv.slice(2);
gradeClass({ course: courseAt(root), sheet, runner: pool({ script: join(__dirname, "class-fake-judge.cjs"), unsafe: false, jobs: Number(jobs) }) }).then(
  ({ fresh }) => console.log(`fresh: ${fresh.join(",")}`),
  (error: Error) => { console.error(error.message); process.exitCode = 1; },
);
