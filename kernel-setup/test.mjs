#!/usr/bin/env node
import { join } from "node:path";
import { requireNode } from "./setup/node-version.mjs";
import { setUp } from "./setup/index.mjs";
import { project } from "./setup/project.mjs";
import { RunError, run } from "./setup/run.mjs";
import { testGroups } from "./setup/testing/groups.mjs";
import { runGroup } from "./setup/testing/run-group.mjs";
import { addUp, exitCode, summaryLines } from "./setup/testing/summary.mjs";

const usage = `Usage: npm test [-- --grep PATTERN]      everything but the long suites
       npm run test:unit [-- …]          the library's quick tests
       npm run test:full [-- …]          everything
Further words go to mocha: --grep PATTERN, --bail, or test files in place of all.
VITRINE_FAIL_ON_SKIP=1 fails on a skipped test, unless its name says [needs GPU] or [needs service NAME].`;

const args = process.argv.slice(2);
const scope = args.includes("--full") ? "full" : args.includes("--unit") ? "unit" : "default";
const rest = args.filter((each) => each !== "--full" && each !== "--unit");
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
    if (scope !== "unit" && rest.length === 0) outcomes.push(await typecheck());
    const groups = testGroups(project.root, named.length ? "full" : scope)
      .map((group) => (named.length ? { ...group, files: group.files.filter((file) => named.includes(file)) } : group))
      .filter(({ files }) => files.length > 0);
    if (groups.length === 0) outcomes.push(failure("there are no such test files", named.join(", ") || `scope ${scope}`));
    for (const group of groups) outcomes.push(await timed(group));
  } catch (error) {
    outcomes.push(failure("set-up", process.env.VITRINE_DEBUG ? error.stack : error.message));
  }
  const outcome = addUp(outcomes);
  console.log(`\n${summaryLines(outcome, { failOnSkip }).join("\n")}`);
  process.exitCode = exitCode(outcome, { failOnSkip });
}

async function timed(group) {
  console.log(`\n${group.name}`);
  const started = Date.now();
  const outcome = await runGroup(project, group, mochaArguments);
  console.log(`${group.name}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return outcome;
}

/** Counts as one test: tsx only strips the types. */
async function typecheck() {
  process.stdout.write("Types … ");
  const started = Date.now();
  try {
    await run(process.execPath, [join(project.nodeModules, "typescript", "bin", "tsc"), "--noEmit", "-p", "tsconfig.json"], { cwd: project.root });
    console.log(`right (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    return { passed: 1, failed: [], skipped: [] };
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    console.log(`wrong\n${error.output}`);
    return failure("the type check", error.message);
  }
}

function failure(title, message) {
  return { passed: 0, failed: [{ title, file: "kernel-setup/test.mjs", message }], skipped: [] };
}
