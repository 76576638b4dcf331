// A grader in a process of its own, to be killed: ROOT SHEET JOBS. Of the compiled program, which starts at once.
const { join } = require("node:path");
const compiled = join(__dirname, "../../../kernel-setup/dist/grading/class");
const { courseAt } = require(join(compiled, "course.js"));
const { gradeClass } = require(join(compiled, "grade-class.js"));
const { pool } = require(join(compiled, "jobs.js"));

const [root, sheet, jobs] = process.argv.slice(2);
gradeClass({
  course: courseAt(root),
  sheet,
  runner: pool({ script: join(__dirname, "class-fake-judge.cjs"), unsafe: false, jobs: Number(jobs) }),
}).then(
  ({ fresh }) => console.log(`fresh: ${fresh.join(",")}`),
  (error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
