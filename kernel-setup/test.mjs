#!/usr/bin/env node
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { requireNode } from "./setup/node-version.mjs";
import { setUp } from "./setup/index.mjs";
import { project } from "./setup/project.mjs";
import { RunError, run } from "./setup/run.mjs";
import { linting, soakParts, testGroups, types } from "./setup/testing/groups.mjs";
import { lint } from "./setup/testing/lint.mjs";
import { runInPool } from "./setup/testing/pool.mjs";
import { runGroup } from "./setup/testing/run-group.mjs";
import { addUp, exitCode, summaryLines } from "./setup/testing/summary.mjs";
import { timeLines, writeTimes } from "./setup/testing/times.mjs";

const usage = `Usage: npm test [-- WORDS]             everything but the long suites
       npm run test:unit [-- WORDS]    the library's quick tests
       npm run test:full [-- WORDS]    everything that CI runs
       npm run test:soak [-- PART]     repetition, before a release; all parts without a name:
                                       ${Object.keys(soakParts).join(", ")}
WORDS go to mocha: --grep PATTERN, --bail, or test files in place of all.
Groups of tests run two at a time where there are two cores; --one-by-one: in turn.
Times of files and groups are kept in test/output/times.json. VITRINE_FAIL_ON_SKIP=1 fails on a skipped test, unless
its name says [needs GPU] or [needs service NAME]. test/README.md tells how the tests are laid out.`;

const args = process.argv.slice(2);
const scope = ["full", "unit", "soak"].find((name) => args.includes(`--${name}`)) ?? "default";
const rest = args.filter((each) => !["--full", "--unit", "--soak", "--one-by-one"].includes(each));
const workers = args.includes("--one-by-one") || availableParallelism() < 2 ? 1 : 2;
const files = rest.filter((each) => each.endsWith(".test.ts"));
const part = scope === "soak" ? rest.find((each) => !each.startsWith("-") && !files.includes(each)) : undefined;
/** A word that nobody takes: mocha would be silent about it, and all tests would run. */
const stray = rest.find(
  (each, i) => !each.startsWith("-") && !files.includes(each) && each !== part && !rest[i - 1]?.startsWith("-"),
);
const mochaArguments = rest.filter((each) => each !== part && !files.includes(each));
// By it, groups in processes of their own know that they belong to one run, and need not execute a sheet twice.
process.env.VITRINE_TEST_RUN = `${process.pid}-${Date.now()}`;
const failOnSkip = process.env.VITRINE_FAIL_ON_SKIP === "1";

if (rest.includes("--help")) console.log(usage);
else if (part !== undefined && !(part in soakParts)) {
  console.error(`npm run test:soak has no part "${part}"; allowed: ${Object.keys(soakParts).join(", ")}.`);
  process.exitCode = 2;
} else if (stray !== undefined && scope !== "soak") {
  console.error(
    `npm test takes test files, such as test/lib/data/npy.test.ts; "${stray}" is none. ` +
      "--grep PATTERN chooses by title.",
  );
  process.exitCode = 2;
} else await main();

async function main() {
  requireNode("20.19", "The tests need");
  const began = Date.now(),
    outcomes = [],
    times = [];
  try {
    const groups = chosenGroups();
    const extras = needsPyTorch(groups) ? ["tests", "bench"] : ["tests"];
    await setUp(scope === "unit" ? { unit: true } : { with: extras });
    // For the pool these checks are groups like the others.
    const whole = ["default", "full"].includes(scope) && rest.length === 0;
    const checked = whole ? [types, linting] : [];
    if (groups.length === 0) {
      outcomes.push(failure("there are no such test files", files.join(", ") || `scope ${scope}`));
    }
    outcomes.push(
      ...(await runInPool([...checked, ...groups], workers, async (group) => {
        const started = Date.now();
        const outcome =
          group === types
            ? await typecheck()
            : group === linting
              ? await lint(project)
              : await timed(group, groups.length > 1 && workers > 1);
        const seconds = (Date.now() - started) / 1000,
          { loading, files: took = [] } = outcome;
        times.push({ name: group.name, seconds, budget: group.budget, loading, files: took });
        return outcome;
      })),
    );
  } catch (error) {
    outcomes.push(failure("set-up", process.env.VITRINE_DEBUG ? error.stack : error.message));
  }
  // A run of some files says nothing of how long all take.
  const seconds = (Date.now() - began) / 1000;
  if (rest.every((each) => each === part)) writeTimes(project.root, { scope, seconds, groups: times });
  const outcome = addUp(outcomes),
    inAll = `In all ${seconds.toFixed(0)} s, set-up included.`;
  console.log(`\n${[...timeLines(times), inAll, ...summaryLines(outcome, { failOnSkip })].join("\n")}`);
  process.exitCode = exitCode(outcome, { failOnSkip });
}

/** Those of the scope, or the files that were named, whatever scope they are of. */
function chosenGroups() {
  if (files.length === 0) return testGroups(project.root, scope, part);
  return ["full", "soak"]
    .flatMap((each) => testGroups(project.root, each))
    .map((group) => ({ ...group, files: group.files.filter((file) => files.includes(file)) }))
    .filter((group) => group.files.length > 0);
}

/** Whether a test compares with PyTorch itself, and not with its answers that are kept. */
function needsPyTorch(groups) {
  return groups.some(({ files: each }) => each.some((file) => /^test\/oracles\/.*\.soak\.test\.ts$/.test(file)));
}

async function timed(group, beside) {
  console.log(`\n${group.name}`);
  const started = Date.now();
  const outcome = await runGroup(project, group, mochaArguments, { prefix: beside ? `${group.name} | ` : undefined });
  console.log(`${group.name}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return outcome;
}

/** Counts as one test: tsx only strips the types. */
async function typecheck() {
  const started = Date.now();
  try {
    const tsc = join(project.nodeModules, "typescript", "bin", "tsc");
    await run(process.execPath, [tsc, "--noEmit", "-p", "tsconfig.json"], { cwd: project.root });
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
