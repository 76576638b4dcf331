#!/usr/bin/env node
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { requireNode } from "./setup/node-version.mjs";
import { setUp } from "./setup/index.mjs";
import { project } from "./setup/project.mjs";
import { RunError, run } from "./setup/run.mjs";
import { lanes, testGroups } from "./setup/testing/groups.mjs";
import { runGroup } from "./setup/testing/run-group.mjs";
import { addUp, exitCode, summaryLines } from "./setup/testing/summary.mjs";

const usage = `Usage: npm test [-- --grep PATTERN]      everything but the long suites
       npm run test:unit [-- …]          the library's quick tests
       npm run test:full [-- …]          everything
Further words go to mocha: --grep PATTERN, --bail, or test files in place of all.
Where there are two cores, tests that wait for a browser run beside those that compute; --one-by-one: all in turn.
VITRINE_FAIL_ON_SKIP=1 fails on a skipped test, unless its name says [needs GPU] or [needs service NAME].`;

const args = process.argv.slice(2);
const scope = args.includes("--full") ? "full" : args.includes("--unit") ? "unit" : "default";
const oneByOne = args.includes("--one-by-one") || availableParallelism() < 2;
const rest = args.filter((each) => !["--full", "--unit", "--one-by-one"].includes(each));
const named = rest.filter((each) => each.endsWith(".test.ts"));
const mochaArguments = rest.filter((each) => !each.endsWith(".test.ts"));
// By it, groups that run in processes of their own know that they belong to one run, and need not execute a sheet twice.
process.env.VITRINE_TEST_RUN = `${process.pid}-${Date.now()}`;
const failOnSkip = process.env.VITRINE_FAIL_ON_SKIP === "1";

if (rest.includes("--help")) console.log(usage);
else await main();

async function main() {
  requireNode();
  const outcomes = [];
  try {
    await setUp(scope === "unit" ? { unit: true } : { with: ["tests"] });
    const checked = scope !== "unit" && rest.length === 0 ? [typecheck] : [];
    const groups = testGroups(project.root, named.length ? "full" : scope)
      .map((group) => (named.length ? { ...group, files: group.files.filter((file) => named.includes(file)) } : group))
      .filter(({ files }) => files.length > 0);
    if (groups.length === 0) outcomes.push(failure("there are no such test files", named.join(", ") || `scope ${scope}`));
    const side = oneByOne ? [groups] : lanes(groups);
    const jobs = side.map((lane) => lane.map((group) => () => timed(group, side.length > 1 ? `${group.name} | ` : undefined)));
    // Beside the tests that wait, if there are such.
    jobs.at(-1)?.unshift(...checked);
    outcomes.push(...(await Promise.all(jobs.map((lane, i) => inTurn(lane, i === 1 ? jobs[0] : [])))).flat());
  } catch (error) {
    outcomes.push(failure("set-up", process.env.VITRINE_DEBUG ? error.stack : error.message));
  }
  const outcome = addUp(outcomes);
  console.log(`\n${summaryLines(outcome, { failOnSkip }).join("\n")}`);
  process.exitCode = exitCode(outcome, { failOnSkip });
}

/** @param other a lane whose last jobs are taken over when this one's are done: of tests that compute, none needs what another made */
async function inTurn(own, other = []) {
  const outcomes = [];
  for (let job = own.shift(); job; job = own.shift() ?? other.pop()) outcomes.push(await job());
  return outcomes;
}

/** @param {string} [prefix] of each line, where other groups run at the same time */
async function timed(group, prefix) {
  console.log(`\n${group.name}`);
  const started = Date.now();
  const outcome = await runGroup(project, group, mochaArguments, { prefix });
  console.log(`${group.name}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return outcome;
}

/** Counts as one test: tsx only strips the types. */
async function typecheck() {
  const started = Date.now();
  try {
    await run(process.execPath, [join(project.nodeModules, "typescript", "bin", "tsc"), "--noEmit", "-p", "tsconfig.json"], { cwd: project.root });
    console.log(`Types: right (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    return { passed: 1, failed: [], skipped: [] };
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    console.log(`Types: wrong\n${error.output}`);
    return failure("the type check", error.message);
  }
}

function failure(title, message) {
  return { passed: 0, failed: [{ title, file: "kernel-setup/test.mjs", message }], skipped: [] };
}
