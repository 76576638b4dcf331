// Adds up the closing lines of several test runs: node add-up.mjs LOG...
import { readFileSync } from "node:fs";

const counts = process.argv.slice(2).map((file) => {
  const lines = [...readFileSync(file, "utf8").matchAll(/^(\d+) passed, (\d+) failed, (\d+) skipped$/gm)];
  // A run that did not get as far as counting has failed.
  return lines.length ? lines.at(-1).slice(1).map(Number) : [0, 1, 0];
});
const [passed, failed, skipped] = [0, 1, 2].map((column) => counts.reduce((sum, count) => sum + count[column], 0));
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed ? 1 : 0;
