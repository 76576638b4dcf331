#!/usr/bin/env node
// npm run lint: what is checked of the code without running it. npm test does the same.
import { requireNode } from "./setup/node-version.mjs";
import { project } from "./setup/project.mjs";
import { lint } from "./setup/testing/lint.mjs";

requireNode();
const { failed } = await lint(project);
process.exitCode = failed.length > 0 ? 1 : 0;
