// The kernel as a package of its own, built from the same source as the course's: kernel-setup/kernel.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { compile } from "./compile.mjs";
import { run } from "./run.mjs";
import { filesBelow } from "./stamp.mjs";

/** Those that npm installs beside it, in the versions of this project. */
const dependencies = ["@types/node", "typescript", "zeromq"];
const standIn = "@tslab/typescript-for-tslab";

/** The package as npm would publish it. @returns the file, in `into` */
export async function packKernel(project, into, env = process.env) {
  if (compile.check({ project }).todo) await compile.run({ project, env });
  // Two may pack at once.
  const folder = mkdtempSync(join(tmpdir(), "vitrine-kernel-pack-"));
  try {
    stage(project, folder);
    mkdirSync(into, { recursive: true });
    const npm = env.npm_execpath?.endsWith(".js") ? [process.execPath, env.npm_execpath] : ["npm"];
    const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", into];
    const printed = await run(npm[0], [...npm.slice(1), ...args], { cwd: folder, env });
    return join(into, printed.trim().split(/\r?\n/).at(-1));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lays the package out in an empty folder. */
function stage(project, folder) {
  const source = join(project.root, "kernel-setup", "kernel");
  copyCompiled(source, dirname(project.kernelMain), join(folder, "dist"));
  const uncompiled = [
    "launch/launch.sh",
    "cell-globals.d.ts",
    "first-cells.d.ts",
    "front-ends/papermill_typescript.py",
  ];
  for (const name of uncompiled) copy(join(source, name), join(folder, "dist", name));
  for (const name of ["README.md", "NOTICE"]) copy(join(source, "package", name), join(folder, name));
  copy(join(project.root, "LICENSE"), join(folder, "LICENSE"));
  stageTslab(project, folder);
  writeManifest(project, join(source, "package", "package.json"), folder);
}

/** What was compiled of files that are still there: `tsc` leaves what it made of others. */
function copyCompiled(source, compiled, into) {
  for (const file of filesBelow(source, (name) => /(?<!\.d)\.c?[tj]s$/.test(name))) {
    const stem = relative(source, file).replace(/\.c?[tj]s$/, "");
    const [code, types] = file.endsWith(".cjs") ? [".cjs", ".d.cts"] : [".js", ".d.ts"];
    for (const ending of [code, types]) {
      const text = readFileSync(join(compiled, stem + ending), "utf8");
      write(join(into, stem + ending), text.replace(/^\/\/# sourceMappingURL=.*\n?/m, ""));
    }
  }
}

/** Of tslab what the kernel requires, and what `import … from "tslab"` gives to cells. */
function stageTslab(project, folder) {
  const from = join(project.nodeModules, "tslab");
  const into = join(folder, "node_modules", "tslab");
  const wanted = new Set(["dist/public.js"]);
  for (const file of filesBelow(join(folder, "dist"), (name) => name.endsWith(".js")))
    for (const [, name] of readFileSync(file, "utf8").matchAll(/require\("tslab\/(dist\/[\w-]+)"\)/g))
      wanted.add(`${name}.js`);
  // The list grows while it is walked.
  for (const name of wanted)
    for (const [, other] of readFileSync(join(from, name), "utf8").matchAll(/require\("\.\/([\w-]+)"\)/g))
      wanted.add(`dist/${other}.js`);
  for (const name of wanted) {
    copy(join(from, name), join(into, name));
    copy(join(from, name.replace(/\.js$/, ".d.ts")), join(into, name.replace(/\.js$/, ".d.ts")));
  }
  copy(join(from, "LICENSE"), join(into, "LICENSE"));
  // What a bundled package needs must be in the bundle: npm leaves an empty folder otherwise.
  cpSync(join(project.nodeModules, "semver"), join(into, "node_modules", "semver"), { recursive: true });
  const manifest = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));
  const { name, version, description, main, types, repository, author, license } = manifest;
  const needed = { [standIn]: manifest.dependencies[standIn], semver: manifest.dependencies.semver };
  const all = { name, version, description, main, types, repository, author, license, dependencies: needed };
  write(join(into, "package.json"), json(all));
  // The kernel gives tslab's modules TypeScript with what they call beside, and never loads this; others do.
  const typescript = join(into, "node_modules", standIn);
  const facts = { name: standIn, version: needed[standIn], main: "index.js", types: "index.d.ts", license };
  write(join(typescript, "package.json"), json({ ...facts, description: "TypeScript itself in the place of a build" }));
  write(join(typescript, "index.js"), `module.exports = require("typescript");\n`);
  write(join(typescript, "index.d.ts"), `import ts = require("typescript");\nexport = ts;\n`);
}

function writeManifest(project, template, folder) {
  const { version } = JSON.parse(readFileSync(join(project.root, "package.json"), "utf8"));
  const { name, ...rest } = JSON.parse(readFileSync(template, "utf8"));
  const exact = dependencies.map((each) => {
    const manifest = JSON.parse(readFileSync(join(project.nodeModules, each, "package.json"), "utf8"));
    return [each, manifest.version];
  });
  const tslab = JSON.parse(readFileSync(join(folder, "node_modules", "tslab", "package.json"), "utf8"));
  const all = { name, version, ...rest, dependencies: Object.fromEntries([...exact, ["tslab", tslab.version]]) };
  write(join(folder, "package.json"), json(all));
}

const json = (value) => `${JSON.stringify(value, null, 2)}\n`;

function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function copy(from, to) {
  if (!existsSync(from)) throw new Error(`${basename(from)} is missing: ${from}`);
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}
