#!/usr/bin/env node
// How far input gradients are from exact ones, ours and PyTorch's: npm run bench:exactness [-- --help]
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runMain } from "../../kernel-setup/setup/flags.mjs";
import { setUp } from "../../kernel-setup/setup/index.mjs";
import { requireNode } from "../../kernel-setup/setup/node-version.mjs";

const here = dirname(fileURLToPath(import.meta.url));

await runMain(async (args) => {
  requireNode();
  if (!args.includes("--help")) await setUp({ with: ["bench"] });
  const command = ["--import", "tsx", join(here, "main.ts"), ...args];
  const { status } = spawnSync(process.execPath, command, { stdio: "inherit", cwd: join(here, "../..") });
  process.exitCode = status ?? 1;
});
