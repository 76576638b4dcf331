#!/usr/bin/env node
import { resolve } from "node:path";
import { readFlags, runMain, UsageError } from "./setup/flags.mjs";
import { packLibrary } from "./setup/library-package.mjs";
import { project } from "./setup/project.mjs";

const usage = `Usage: npm run pack:library [-- --into DIR]

Builds vitrine-VERSION.tgz, the library as a package of its own, for npm install or npm publish.
  --into DIR  where it is written (default: here)`;

await runMain(async (args) => {
  const flags = readFlags(args, { into: "value" });
  if (flags.help) return console.log(usage);
  if (flags.into === "") throw new UsageError("--into is empty; it takes a folder.");
  console.log(await packLibrary(project, resolve(flags.into ?? ".")));
});
