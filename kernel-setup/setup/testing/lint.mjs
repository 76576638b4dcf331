// What is checked of the code without running it: its form, promises and types, dead code, what may import what.
import { join } from "node:path";
import { RunError, run } from "../run.mjs";

/** By name: what is right when it passes, and the command. */
const checks = {
  format: ["as Prettier writes it", ["prettier", "bin", "prettier.cjs"], ["--check", ".", "--log-level", "warn"]],
  code: ["nothing that ESLint objects to", ["eslint", "bin", "eslint.js"], ["."]],
  "dead code": ["every file, export and dependency is used", ["knip", "bin", "knip.js"], []],
  imports: ["none goes up or round", ["dependency-cruiser", "bin", "dependency-cruise.mjs"], ["lib", "kernel-setup"]],
};

/**
 * Runs all checks, printing a line for each, and what an unhappy one said.
 * @returns an outcome like a group of tests, each check being one
 */
export async function lint(project) {
  const outcome = { passed: 0, failed: [], skipped: [] };
  for (const [name, [right, path, args]] of Object.entries(checks)) {
    const started = Date.now();
    try {
      // ESLint holds the types of the whole tree, more than Node gives by itself on small machines.
      const script = ["--max-old-space-size=4096", join(project.nodeModules, ...path)];
      await run(process.execPath, [...script, ...args], { cwd: project.root });
      console.log(`Lint, ${name}: ${right} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
      outcome.passed++;
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      console.log(`Lint, ${name}: wrong\n${error.output}`);
      outcome.failed.push({ file: "npm run lint", title: name, message: error.reason });
    }
  }
  return outcome;
}
