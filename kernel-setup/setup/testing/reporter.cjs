// Mocha's reporter for npm test: names and times as they come, and the outcome as JSON for the summary over all
// processes (reporter option `outcome`: the file), with the seconds that each test file took, its hooks included.
const { writeFileSync } = require("node:fs");
const { relative } = require("node:path");
const Mocha = require("mocha");
const { EVENT_RUN_BEGIN, EVENT_RUN_END, EVENT_SUITE_BEGIN, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } =
  Mocha.Runner.constants;

module.exports = class Reporter extends Mocha.reporters.Base {
  constructor(runner, options) {
    super(runner, options);
    const outcome = { passed: 0, failed: [], skipped: [], files: [], finished: false };
    const file = options.reporterOptions?.outcome;
    // Written again and again: a crash of the native library must not lose what was counted before it.
    const save = () => file && writeFileSync(file, JSON.stringify(outcome));
    const title = (test) => test.titlePath().join(" › ");
    const where = (test) => (test.file ? relative(process.cwd(), test.file) : "");
    let lastFile, since;
    const fileEnded = () => {
      if (!lastFile) return;
      const file = outcome.files.at(-1);
      file.seconds = (Date.now() - since) / 1000;
      console.log(`    ${file.seconds.toFixed(1)} s`);
    };

    runner.on(EVENT_RUN_BEGIN, () => {
      // Mocha has loaded all its files by now.
      outcome.loading = process.uptime();
      save();
    });
    runner.on(EVENT_SUITE_BEGIN, (suite) => {
      if (!suite.file || suite.file === lastFile) return;
      fileEnded();
      lastFile = suite.file;
      since = Date.now();
      outcome.files.push({ file: where(suite), seconds: 0, slowest: null });
      console.log(`  ${where(suite)}`);
    });
    runner.on(EVENT_TEST_PASS, (test) => {
      outcome.passed++;
      const file = outcome.files.at(-1),
        seconds = (test.duration ?? 0) / 1000;
      if (file && seconds > (file.slowest?.seconds ?? 0)) file.slowest = { title: test.title, seconds };
      console.log(`    ✔ ${title(test)}${test.duration > 1000 ? ` (${(test.duration / 1000).toFixed(1)} s)` : ""}`);
      if (outcome.passed % 20 === 0) save();
    });
    runner.on(EVENT_TEST_PENDING, (test) => {
      outcome.skipped.push({ title: title(test), file: where(test), reason: test.skipReason ?? null });
      console.log(`    - ${title(test)}`);
    });
    runner.on(EVENT_TEST_FAIL, (test, error) => {
      outcome.failed.push({ title: title(test), file: where(test), message: error.stack ?? String(error) });
      console.log(`    ✘ ${title(test)}\n${indent(error.stack ?? String(error))}`);
      save();
    });
    runner.on(EVENT_RUN_END, () => {
      fileEnded();
      outcome.finished = true;
      save();
    });
  }
};

function indent(text) {
  return text.replace(/^/gm, "        ");
}
