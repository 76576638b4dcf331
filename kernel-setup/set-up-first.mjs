// Stands before commands of package.json that need what set-up installs: ends in one line where it was not done.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { project } from "./setup/project.mjs";

if (!existsSync(join(project.nodeModules, "typescript"))) {
  console.error(`${project.root} is not set up yet. Run \`npm run setup\` there, then the same command again.`);
  process.exitCode = 1;
}
