#!/usr/bin/env node
import { resolve } from "node:path";
import { readFlags, runMain, UsageError } from "./setup/flags.mjs";
import { packKernel } from "./setup/kernel-package.mjs";
import { project } from "./setup/project.mjs";

const usage = `Usage: npm run pack:kernel [-- --into DIR]

Builds vitrine-kernel-VERSION.tgz, the TypeScript kernel as a package of its own, for npm install -g or npm publish.
  --into DIR  where it is written (default: here)`;

await runMain(async (args) => {
  const flags = readFlags(args, { into: "value" });
  if (flags.help) return console.log(usage);
  if (flags.into === "") throw new UsageError("--into is empty; it takes a folder.");
  console.log(await packKernel(project, resolve(flags.into ?? ".")));
});
