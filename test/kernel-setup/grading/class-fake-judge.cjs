// Stands in for the judge of one submission, with the same command line: what it does is written in the notebook's
// first task.
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const [sheet, notebook, out] = process.argv.slice(2);
const bytes = fs.readFileSync(notebook);
const text = JSON.stringify(JSON.parse(bytes).cells.find(({ id }) => id === "task-1").source);
const say = (word) => text.includes(word);
fs.appendFileSync(process.env.FAKE_LOG, `${notebook}\n`);
const tries = fs
  .readFileSync(process.env.FAKE_LOG, "utf8")
  .split("\n")
  .filter((line) => line === notebook).length;
const finish = () => {
  if (say("crash") || (say("once") && tries === 1)) {
    console.error("out of luck");
    process.exit(3);
  }
  const max = { "check-1": 3, "check-2": 4, "check-3": 5 };
  const error = say("errs");
  const tasks = Object.entries(max).map(([cell, points], i) => {
    const got = error ? 0 : say("perfect") ? points : say("half") && i === 0 ? 1.5 : 0;
    const status = error ? "error" : got === points ? "passed" : got > 0 ? "partial" : "failed";
    return {
      task: `task-${i + 1}`,
      cell,
      points: got,
      max: points,
      status,
      reason: status === "passed" ? "" : `${cell}: <b>the map differs</b> by 0.3`,
      seconds: 0.1 + i,
    };
  });
  const score = tasks.reduce((sum, { points }) => sum + points, 0);
  const results = {
    score,
    max_score: 12,
    execution_time: 1,
    output: "",
    tests: tasks.map(({ cell, points, max, status }) => ({
      name: cell,
      score: points,
      max_score: max,
      status: status === "passed" ? "passed" : "failed",
      visibility: "visible",
    })),
    vitrine: {
      sheet,
      seed: 1,
      status: error ? "error" : "graded",
      ...(error && { reason: "the kernel died" }),
      notebookSha256: createHash("sha256").update(bytes).digest("hex"),
      tasks,
    },
  };
  fs.writeFileSync(`${out}.tmp`, JSON.stringify(results));
  fs.renameSync(`${out}.tmp`, out);
};
if (say("hang") || (say("stuck") && tries === 1)) setInterval(() => {}, 1000);
// Until the test lets it go on.
else if (say("waits"))
  setInterval(() => {
    if (!fs.existsSync(`${process.env.FAKE_LOG}.go`)) return;
    finish();
    process.exit();
  }, 10);
else setTimeout(finish, say("slow") ? 1500 : 0);
