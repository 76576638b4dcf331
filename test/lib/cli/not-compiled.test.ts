import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";

const root = join(__dirname, "../../..");
/** What a clone has of npm's files, before anything is installed. */
const cloned = [
  "package.json",
  "package-lock.json",
  ".npmrc",
  "lib/package.json",
  "lib/bin/vitrine.cjs",
  "kernel-setup/course/package.json",
  "kernel-setup/set-up-first.mjs",
  "kernel-setup/setup/project.mjs",
];
/** Commands of package.json that begin with a program that set-up installs. */
const installedPrograms = /node_modules|--import tsx|\b(prettier|tsc|mocha|eslint) /;

describe("npx vitrine before set-up", function () {
  this.timeout(120_000);
  let folder: string, clone: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "vitrine-bin-")));
    clone = join(folder, "clone");
    for (const file of cloned) {
      mkdirSync(dirname(join(clone, file)), { recursive: true });
      cpSync(join(root, file), join(clone, file));
    }
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  // The others are scripts of kernel-setup's or bench's, which set up what they need or say what is missing.
  it("says so in place of every command of package.json that needs installed programs", () => {
    const { scripts } = JSON.parse(readFileSync(join(clone, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const needing = Object.keys(scripts).filter((name) => installedPrograms.test(scripts[name]));
    expect(needing).to.include.members(["typecheck", "oracles"]);
    for (const name of needing) {
      const { status, stderr } = npm("run", "--silent", name);
      expect([status, stderr], name).to.deep.equal([
        1,
        `${clone} is not set up yet. Run \`npm run setup\` there, then the same command again.\n`,
      ]);
    }
  });

  /** With an empty cache of npm's, and a registry that nobody can reach. */
  const npx = (within: string, ...words: string[]): SpawnSyncReturns<string> => start("npx", words, within);
  const npm = (...words: string[]): SpawnSyncReturns<string> => start("npm", words);
  const start = (program: string, args: string[], within = ""): SpawnSyncReturns<string> =>
    spawnSync(program, args, {
      cwd: join(clone, within),
      encoding: "utf8",
      shell: process.platform === "win32",
      env: {
        ...process.env,
        PATH: (process.env.PATH ?? "")
          .split(process.platform === "win32" ? ";" : ":")
          .filter((each) => !each.includes("node_modules"))
          .join(process.platform === "win32" ? ";" : ":"),
        npm_config_cache: join(folder, "cache"),
        npm_config_registry: "http://127.0.0.1:9/",
        npm_config_fetch_retries: "0",
      },
    });
  const words = (): string =>
    `vitrine: ${clone} is not set up yet. Run \`npm run setup\` there (it takes some minutes), then the same command ` +
    `again.\n`;

  it("says in one line what to run, and asks no registry for a package of that name", () => {
    for (const within of ["", "lib"]) {
      const { status, stderr } = npx(within, "vitrine", "doctor");
      expect([status, stderr], within).to.deep.equal([1, words()]);
    }
  });

  it("says so where packages were taken away after compiling", () => {
    mkdirSync(join(clone, "lib/dist/cli"), { recursive: true });
    writeFileSync(join(clone, "lib/dist/cli/main.js"), 'throw new Error("started without its packages");');
    const { status, stderr } = spawnSync(process.execPath, [join(clone, "lib/bin/vitrine.cjs"), "doctor"], {
      encoding: "utf8",
      env: { ...process.env, NODE_PATH: "" },
    });
    expect([status, stderr]).to.deep.equal([1, words()]);
  });
});
