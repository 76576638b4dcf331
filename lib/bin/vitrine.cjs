#!/usr/bin/env node
// The project's package.json names this file, too, so that `npx vitrine` finds it before anything is installed and asks
// no registry for a package of that name.
const { existsSync } = require("node:fs");
const { dirname, join } = require("node:path");

const main = join(__dirname, "../dist/cli/main.js");
const problem = notReady();
if (problem) {
  console.error(`vitrine: ${problem}`);
  process.exitCode = 1;
} else {
  require(main);
}

/** Why nothing can run yet, and what to do about it; undefined when all is there. */
function notReady() {
  if (Number(process.versions.node.split(".")[0]) < 20)
    return `Node is ${process.version}; needed is 20 or newer: install one from nodejs.org, then start again.`;
  if (existsSync(main) && installed("@tensorflow/tfjs")) return undefined;
  const folder = dirname(dirname(__dirname));
  const remedy = "Run `npm run setup` there (it takes some minutes), then the same command again.";
  return `${folder} is not set up yet. ${remedy}`;
}

function installed(name) {
  try {
    return Boolean(require.resolve(name));
  } catch {
    return false;
  }
}
