// TypeScript's compiled code, kept on the disk: V8 need not compile nine megabytes again for every kernel.
import { isAscii } from "buffer";
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "fs";
import { createRequire, Module } from "module";
import * as path from "path";
import { Script } from "vm";

interface Loaded {
  exports: unknown;
  script: Script;
}

/** V8 takes only what a V8 of the same version made. */
const cacheOf = (folder: string, file: string): string =>
  path.join(folder, `${path.basename(file)}-${process.version}-${process.arch}.cache`);

/** The package's version and the file's size: its date is another with every installation. */
function versionOf(file: string): string {
  const { version } = require(path.join(path.dirname(file), "../package.json")) as { version: string };
  return `${version} ${statSync(file).size}`;
}

/** The module's exports, as `require` gives them, by its code in the folder where there is some of this very file. */
export function requireCached(file: string, folder: string): unknown {
  if (require.cache[file]) return require(file);
  let code: Buffer;
  try {
    const [version, name] = [versionOf(file), cacheOf(folder, file)];
    if (readFileSync(`${name}.version`, "utf8") !== version) return require(file);
    code = readFileSync(name);
  } catch {
    return require(file);
  }
  return load(file, code)?.exports ?? require(file);
}

/** Keeps the module's code, compiled as far as `use` makes it run. */
export function keepCode(file: string, folder: string, use: () => void): void {
  const { script } = load(file)!;
  use();
  const name = cacheOf(folder, file);
  mkdirSync(folder, { recursive: true });
  // Whole or not at all, the version last.
  for (const [to, content] of [
    [name, script.createCachedData()],
    [`${name}.version`, versionOf(file)],
  ] as const) {
    writeFileSync(`${to}.${process.pid}`, content);
    renameSync(`${to}.${process.pid}`, to);
  }
}

/** Loads a module of plain CommonJS. Undefined if V8 refuses the code. */
function load(file: string, cachedData?: Buffer): Loaded | undefined {
  const text = readFileSync(file);
  // A text without letters beyond ASCII is read quicker, and V8 keeps one byte for each.
  const source = text.toString(isAscii(text) ? "latin1" : "utf8");
  const script = new Script(`(function (exports, require, module, __filename, __dirname) { ${source}\n});`, {
    filename: file,
    cachedData,
  });
  if (script.cachedDataRejected) return undefined;
  const module = Object.assign(new Module(file), { filename: file });
  require.cache[file] = module;
  const run = script.runInThisContext() as (...all: unknown[]) => void;
  run.call(module.exports, module.exports, createRequire(file), module, file, path.dirname(file));
  module.loaded = true;
  return { exports: module.exports as unknown, script };
}
