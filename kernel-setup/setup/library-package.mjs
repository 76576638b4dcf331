// The library as a package of its own, built from the same source as the course's: lib.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { compile } from "./compile.mjs";
import { run } from "./run.mjs";
import { filesBelow } from "./stamp.mjs";

/** Installed with it. What computes and what draws in Node is the user's choice. */
const dependencies = [
  "@tensorflow/tfjs-backend-wasm",
  "@tensorflow/tfjs-backend-webgpu",
  "@tensorflow-models/mobilenet",
  "dejavu-fonts-ttf",
  "fflate",
  "gifenc",
  "tar",
];
/** Asked for in words where a call needs one. */
const optional = [
  "@napi-rs/canvas",
  "@resvg/resvg-wasm",
  "@tensorflow/tfjs-node",
  "@tensorflow/tfjs-node-gpu",
  "canvas",
  "jsdom",
  "plotly.js-dist",
  "sharp",
];
/** Our own networks that are small enough to come along. */
const models = ["fashion-deep", "fashion-standins", "flowers-deep"];
const wasmFiles = ["", "-simd", "-threaded-simd"].map((kind) => `tfjs-backend-wasm${kind}.wasm`);

/** The package as npm would publish it. @returns the file, in `into` */
export async function packLibrary(project, into, env = process.env) {
  if (compile.check({ project }).todo) await compile.run({ project, env });
  // Two may pack at once.
  const folder = mkdtempSync(join(tmpdir(), "vitrine-pack-"));
  try {
    await stageLibrary(project, folder);
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
export async function stageLibrary(project, folder) {
  const lib = join(project.root, "lib"),
    dist = join(folder, "dist");
  stageCommonJs(lib, join(dist, "cjs"));
  stageEsm(join(dist, "cjs"), join(dist, "node"));
  await stageBrowser(project, lib, join(dist, "browser"));
  copy(join(lib, "bin", "vitrine.cjs"), join(folder, "bin", "vitrine.cjs"), (text) =>
    text.replace("../dist/cli/main.js", "../dist/cjs/cli/main.js"),
  );
  for (const kind of ["data", "models"])
    copy(join(project.root, kind, "registry.json"), join(folder, kind, "registry.json"));
  for (const name of models)
    cpSync(join(project.root, "models", name), join(folder, "models", name), { recursive: true });
  for (const name of ["README.md", "NOTICE"]) copy(join(lib, "package", name), join(folder, name));
  copy(join(project.root, "LICENSE"), join(folder, "LICENSE"));
  writeManifest(project, lib, folder);
}

/** What was compiled of files that are still there, without the maps. */
function stageCommonJs(lib, into) {
  for (const file of sources(lib)) {
    if (file.endsWith(".browser.ts")) continue;
    const stem = relative(lib, file).replace(/\.ts$/, "");
    for (const ending of [".js", ".d.ts"])
      copy(join(lib, "dist", stem + ending), join(into, stem + ending), (text) =>
        text.replace(/^\/\/# sourceMappingURL=.*\n?/m, ""),
      );
  }
  write(join(into, "package.json"), json({ type: "commonjs" }));
}

/**
 * `import` in Node gives what `require` gives: one library in a process, whichever way it is loaded. So an error of
 * ours is an instance of our class everywhere, and there is one choice of the engine.
 */
function stageEsm(cjs, into) {
  const code = readFileSync(join(cjs, "index.js"), "utf8");
  const names = [...code.matchAll(/^exports\.(\w+)|Object\.defineProperty\(exports, "(\w+)"/gm)]
    .map(([, plain, defined]) => plain ?? defined)
    .filter((name) => name !== "__esModule");
  // `export * from "./core/errors"`.
  for (const [, path] of code.matchAll(/__exportStar\(require\("([^"]+)"\), exports\)/g))
    for (const [, name] of readFileSync(join(cjs, `${path}.js`), "utf8").matchAll(/^exports\.(\w+) = \w/gm))
      names.push(name);
  const all = [...new Set(names)].sort();
  write(
    join(into, "index.js"),
    `import vitrine from "../cjs/index.js";\n\nexport const { ${all.join(", ")} } = vitrine;\n`,
  );
  write(join(into, "index.d.ts"), `export * from "../cjs/index.js";\n`);
}

/** A module for each of ours, so that bundlers leave out what is not used: its half for browsers where it has one. */
async function stageBrowser(project, lib, into) {
  const { build } = createRequire(join(project.root, "package.json"))("esbuild");
  const entry = join(lib, "index.browser.ts"),
    found = new Set([entry]);
  for (const file of found)
    await build({
      entryPoints: [file],
      outfile: join(
        into,
        relative(lib, file)
          .replace(/\.ts$/, ".js")
          .replace(/^index\.browser\.js$/, "index.js"),
      ),
      bundle: true,
      format: "esm",
      platform: "browser",
      target: "es2022",
      packages: "external",
      logLevel: "error",
      plugins: [{ name: "one module each", setup: (build) => oneModuleEach(build, lib, found) }],
    });
  const names = createRequire(join(project.root, "package.json"))(join(lib, "dist", "data", "imagenet-classes.js"));
  // The package it comes from has all synonyms of each.
  write(
    join(into, "data", "imagenet-classes.js"),
    `export const imagenetClassNames = ${JSON.stringify(names.imagenetClassNames.join("|"))}.split("|");\n`,
  );
  const wasm = join(project.nodeModules, "@tensorflow", "tfjs-backend-wasm", "dist");
  for (const name of wasmFiles) cpSync(join(wasm, name), join(into, "backend", "engine", name));
  const tsc = join(project.nodeModules, "typescript", "bin", "tsc"),
    types = join(into, "types");
  await run(process.execPath, [
    tsc,
    "-p",
    join(lib, "tsconfig.browser.json"),
    "--noEmit",
    "false",
    "--declaration",
    "--emitDeclarationOnly",
    "--sourceMap",
    "false",
    "--rootDir",
    lib,
    "--outDir",
    types,
    "--stripInternal",
  ]);
  write(join(into, "index.d.ts"), `export * from "./types/index.browser.js";\n`);
}

/** Leaves imports as they are, with the file's ending, and finds the file behind each. */
function oneModuleEach(build, lib, found) {
  build.onResolve({ filter: /^\./ }, ({ kind, importer, resolveDir, path }) => {
    if (kind === "entry-point") return undefined;
    const base = resolve(resolveDir, path);
    const file = [`${base}.browser.ts`, join(base, "index.browser.ts"), `${base}.ts`, join(base, "index.ts")].find(
      existsSync,
    );
    if (!file) throw new Error(`${importer} imports ${path}, which is not there.`);
    found.add(file);
    const to = relative(dirname(importer), file).replaceAll("\\", "/").replace(/\.ts$/, ".js");
    return { path: to.startsWith(".") ? to : `./${to}`, external: true };
  });
}

const sources = (lib) =>
  filesBelow(lib, (name) => /(?<!\.d)\.ts$/.test(name)).filter(
    (file) => !/^(dist|node_modules|package)([\\/]|$)/.test(relative(lib, file)),
  );

function writeManifest(project, lib, folder) {
  const { version } = JSON.parse(readFileSync(join(project.root, "package.json"), "utf8"));
  const { name, ...rest } = JSON.parse(readFileSync(join(lib, "package", "package.json"), "utf8"));
  const own = JSON.parse(readFileSync(join(lib, "package.json"), "utf8")).dependencies;
  const of = (names) => Object.fromEntries(names.map((each) => [each, own[each]]));
  write(
    join(folder, "package.json"),
    json({
      name,
      version,
      ...rest,
      dependencies: of(dependencies),
      peerDependencies: { "@tensorflow/tfjs": own["@tensorflow/tfjs"], ...of(optional) },
      peerDependenciesMeta: Object.fromEntries(optional.map((each) => [each, { optional: true }])),
    }),
  );
}

const json = (value) => `${JSON.stringify(value, null, 2)}\n`;

function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function copy(from, to, change = (text) => text) {
  write(to, change(readFileSync(from, "utf8")));
}
