// What a stranger gets from the package registries alone: node second-clone.mjs ROOT FOLDER
// Clones ROOT to FOLDER with an empty cache, executes the sheets there, and looks at the pages in a browser.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [root, folder] = process.argv.slice(2);
const counts = { passed: 0, failed: 0, skipped: 0 };

async function test(title, body) {
  try {
    await body();
    counts.passed++;
    console.log(`  ✔ ${title}`);
  } catch (error) {
    counts.failed++;
    console.log(`  ✘ ${title}\n      ${error.message}`);
  }
}

function ensure(condition, message) {
  if (!condition) throw new Error(message);
}

const cache = `${folder}-cache`;
mkdirSync(cache, { recursive: true });
const { VITRINE_MIRROR, VITRINE_FAIL_ON_SKIP, ...rest } = process.env;
const env = { ...rest, XDG_CACHE_HOME: cache };
ensure(spawnSync("git", ["clone", "--quiet", root, folder], { stdio: "inherit" }).status === 0, `cannot clone ${root}`);

const source = join(folder, "notebooks", "source");
const sheets = readdirSync(source, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => readdirSync(join(source, name)).filter((file) => file.endsWith(".ipynb")))
  .map((file) => file.slice(0, -".ipynb".length));

/** `npm start -- --execute` with a sheet. @returns its exit code, or what ended it, and all that it said */
function execute(sheet) {
  return new Promise((resolve) => {
    const options = { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"], timeout: 40 * 60_000 };
    const child = spawn("npm", ["start", "--silent", "--", "--execute", sheet], options);
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
    child.on("close", (code, signal) => {
      console.log(said.replace(/^/gm, "  | "));
      resolve({ ended: code ?? signal, said });
    });
  });
}

const started = Date.now();
const seconds = () => ((Date.now() - started) / 1000).toFixed(0);
// The first sets up; then two at a time, the later ones, which take longer, first.
const [first, ...others] = sheets.toSorted();
const runs = [await execute(first)];
console.log(`  set-up and the first sheet: ${seconds()} s`);
const worker = async () => {
  while (others.length) runs.push(await execute(others.pop()));
};
await Promise.all([worker(), worker()]);
const said = runs.map((each) => each.said).join("");
console.log(`  set-up and sheets: ${seconds()} s`);

const executed = (name) => join(folder, "notebooks", "executed", name);
const standIns = /Fashion-MNIST is not available/.test(said);

await test("npm start -- --execute sets up and ends well without the data sets", () =>
  ensure(
    runs.every(({ ended }) => ended === 0),
    `exit ${runs.map(({ ended }) => ended).join(", ")}`,
  ));
await test("set-up says where its data comes from, or what is used instead", () =>
  ensure(/Fashion-MNIST/.test(said) && (!standIns || /stand-in/.test(said)), "no such line in its output"));
for (const sheet of sheets) {
  await test(`${sheet}: every cell ran, and none ended in an error`, () => {
    const { cells } = JSON.parse(readFileSync(executed(`${sheet}.ipynb`), "utf8"));
    const code = cells.filter((cell) => cell.cell_type === "code" && [cell.source].flat().join("").trim());
    ensure(code.length > 0 && code.every((cell) => cell.execution_count > 0), "a cell has no execution count");
    ensure(
      code.every((cell) => cell.outputs.every(({ output_type }) => output_type !== "error")),
      "a cell shows an error",
    );
  });
  if (standIns)
    await test(`${sheet}: what stands in for the data is labelled so`, () =>
      ensure(
        /stand-in|substitute/i.test(
          readFileSync(executed(`${sheet}.ipynb`), "utf8")
            .split('"outputs"')
            .slice(1)
            .join(),
        ),
        "no output says so",
      ));
}
const browser = await startBrowser();
for (const sheet of sheets)
  await test(`${sheet}: the page draws its plots in a browser without a network`, () => looksRight(sheet));
await browser?.close();
// What each sheet promises without the data: executed once is enough, here.
if (standIns) readInTests("test/notebooks/without-data.soak.test.ts");
await test("a second set-up has nothing to do", () => {
  const began = Date.now();
  const again = spawnSync("npm", ["run", "--silent", "setup"], {
    cwd: folder,
    env,
    encoding: "utf8",
    timeout: 600_000,
  });
  console.log(`  second set-up: ${((Date.now() - began) / 1000).toFixed(1)} s`);
  ensure(again.status === 0 && !again.stdout.includes("…"), again.stdout + again.stderr);
});

/** Tests that read the sheets as they were executed here; they count like those above. */
function readInTests(file) {
  const outcome = join(cache, "outcome.json");
  const reporter = ["--reporter", "kernel-setup/setup/testing/reporter.cjs", "--reporter-option", `outcome=${outcome}`];
  spawnSync(process.execPath, ["node_modules/mocha/bin/mocha.js", "--exit", ...reporter, file], {
    cwd: folder,
    env: { ...env, VITRINE_EXECUTED: executed("") },
    timeout: 600_000,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const none = { passed: 0, failed: [], skipped: [], finished: false };
  const { passed, failed, skipped, finished } = existsSync(outcome) ? JSON.parse(readFileSync(outcome, "utf8")) : none;
  counts.passed += passed;
  counts.failed += failed.length + (finished ? 0 : 1);
  counts.skipped += skipped.length;
  if (!finished) console.log(`  ✘ ${file} ended early`);
}

/** One browser for all pages, or nothing where there is none: each page's test then fails and says so. */
async function startBrowser() {
  const executablePath = ["chromium", "google-chrome", "chromium-browser"]
    .flatMap((name) => (env.PATH ?? "").split(":").map((place) => join(place, name)))
    .find(existsSync);
  if (!executablePath || !existsSync(join(folder, "node_modules", "playwright-core"))) return undefined;
  const { chromium } = createRequire(join(folder, "package.json"))("playwright-core");
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

async function looksRight(sheet) {
  ensure(browser, "there is no Chromium on this machine (apt-get install chromium), or set-up failed");
  const tab = await browser.newPage();
  try {
    const asked = [];
    const errors = [];
    tab.on("pageerror", (error) => errors.push(error.message));
    await tab.route("**/*", (route) =>
      /^(file|data|blob):/.test(route.request().url())
        ? route.continue()
        : (asked.push(route.request().url()), route.abort()),
    );
    await tab.goto(pathToFileURL(executed(`${sheet}.html`)).href);
    await tab.waitForFunction(
      () => [...document.querySelectorAll(".vitrine-plot")].every((plot) => plot.querySelector(".main-svg")),
      undefined,
      { timeout: 60_000 },
    );
    const plots = await tab.evaluate(() =>
      [...document.querySelectorAll(".vitrine-plot")].map((plot) => ({
        traces: plot.querySelectorAll(".trace, .hm, .im, .bars, .scatter").length,
        height: plot.offsetHeight,
      })),
    );
    ensure(plots.length > 0, "the page has no plot");
    ensure(
      plots.every(({ traces, height }) => traces > 0 && height > 50),
      `a plot is empty: ${JSON.stringify(plots)}`,
    );
    ensure(asked.length === 0, `the page asks the network for ${asked[0]}`);
    ensure(errors.length === 0, `the page has an error: ${errors[0]}`);
  } finally {
    await tab.close();
  }
}

console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed ? 1 : 0;
