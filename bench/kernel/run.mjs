#!/usr/bin/env node
// Times this kernel beside ipykernel, stock tslab and Deno's, in one run on one machine: npm run bench:kernel
// With --abilities [ROW …] it does not time them, but tries in each what users decide by, and prints what came of it.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir, totalmem, type as system } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { kernelCommand } from "../../kernel-setup/setup/kernelspec.mjs";
import { project } from "../../kernel-setup/setup/project.mjs";
import { table } from "./table.mjs";

const here = dirname(fileURLToPath(import.meta.url)),
  root = join(here, "../..");
const python = join(root, ".venv", process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
const denoVersion = "2.9.6";
/** What a TypeScript kernel is asked to do; # is the cell's number. */
const typescript = {
  tensor: "const t# = tf.tensor([1, 2, 3]);",
  declare: "const v# = #;",
  complete: "tf.tens",
  completed: "tensor",
};
const work = mkdtempSync(join(tmpdir(), "vitrine-bench-"));

try {
  if (!existsSync(python)) throw new Error(`${python} is missing: npm run setup`);
  const skipped = [];
  const kernels = [vitrine(), ipykernel(), tslab(), deno(skipped)].filter(Boolean);
  const specs = join(work, "specs.json");
  writeFileSync(specs, JSON.stringify({ kernels, cwd: root }));
  const [first, ...rows] = process.argv.slice(2);
  if (first === "--abilities")
    process.exitCode =
      spawnSync(python, [join(here, "abilities.py"), specs, ...rows], { stdio: "inherit" }).status ?? 1;
  else time(specs, skipped);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

function time(specs, skipped) {
  const { status, stdout } = spawnSync(python, [join(here, "measure.py"), specs], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error("measure.py failed");
  const results = {
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    kernels: JSON.parse(stdout),
    skipped,
  };
  writeFileSync(join(here, "results.json"), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(here, "README.md"), table(results));
  console.log(table(results));
}

function vitrine() {
  return {
    name: "Vitrine",
    version: JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version,
    language: "typescript",
    argv: kernelCommand(project),
    interrupt_mode: "message",
    env: { TF_CPP_MIN_LOG_LEVEL: "2" },
    import: 'import { tf } from "vitrine";',
    tensorImport: 'import { tf } from "vitrine";',
    ...typescript,
  };
}

function ipykernel() {
  const version = execFileSync(python, ["-c", "import ipykernel; print(ipykernel.__version__)"], {
    encoding: "utf8",
  }).trim();
  return {
    name: "ipykernel",
    version,
    language: "python",
    argv: [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    import: "import decimal",
    tensorImport: "import array",
    tensor: "t# = array.array('f', [1, 2, 3])",
    declare: "v# = #",
    complete: "array.arr",
    completed: "array",
  };
}

function tslab() {
  const folder = join(root, "node_modules/tslab");
  return {
    name: "tslab, stock",
    version: JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version,
    language: "typescript",
    argv: [process.execPath, join(folder, "bin/tslab"), "kernel", "--config-path={connection_file}"],
    env: { TF_CPP_MIN_LOG_LEVEL: "2" },
    import: 'import { tf } from "vitrine";',
    tensorImport: 'import { tf } from "vitrine";',
    ...typescript,
  };
}

/** Deno's program comes inside npm packages, one for each platform. */
function deno(skipped) {
  const args = [
    "install",
    "--prefix",
    work,
    "--no-save",
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    `deno@${denoVersion}`,
  ];
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ["npm"];
  spawnSync(npm[0], [...npm.slice(1), ...args], {
    cwd: work,
    encoding: "utf8",
    shell: process.platform === "win32" && npm.length === 1,
  });
  const platform = `${process.platform}-${process.arch}${process.platform === "linux" ? "-glibc" : ""}`;
  const program = join(work, "node_modules/@deno", platform, process.platform === "win32" ? "deno.exe" : "deno");
  if (!existsSync(program)) {
    skipped.push(`Deno ${denoVersion}: its npm package cannot be obtained here`);
    return undefined;
  }
  return {
    name: "Deno",
    version: denoVersion,
    language: "typescript",
    argv: [program, "jupyter", "--kernel", "--conn", "{connection_file}"],
    env: { DENO_DIR: join(work, "deno"), NO_COLOR: "1" },
    import: 'import { tf } from "npm:vitrine";',
    tensorImport: 'import * as tf from "npm:@tensorflow/tfjs@4.22.0";',
    ...typescript,
  };
}

function machine() {
  const all = cpus();
  return (
    `${all.length} × ${all[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, ${system()} ${release()}, ` +
    `Node ${process.versions.node}`
  );
}
