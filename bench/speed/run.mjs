#!/usr/bin/env node
// Times Vitrine beside PyTorch, Captum and Foolbox: npm run bench [-- --only NAME,NAME | --quick | --costs | --help]
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
  const { status } = spawnSync(process.execPath, ["--import", "tsx", join(here, "main.ts"), ...args], {
    stdio: "inherit",
    cwd: join(here, "../.."),
  });
  process.exitCode = status ?? 1;
});
