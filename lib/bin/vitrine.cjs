#!/usr/bin/env node
const { existsSync } = require("node:fs");
const { join } = require("node:path");

if (existsSync(join(__dirname, "../dist/cli/main.js"))) {
  require("../dist/cli/main.js");
} else {
  console.error(
    "vitrine is not compiled yet. Run `npm run setup` in the project's folder: it sets up all that is missing.",
  );
  process.exitCode = 1;
}
