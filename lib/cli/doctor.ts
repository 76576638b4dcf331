import { helpText, parseCommand, wantsHelp, type Command } from "./args";
import { checkKernel, checkNode, checkPython, checkTypeScript, report, usable } from "./doctor-checks";

export const summary = "what was chosen and why, and what to do about what is missing";

const command = {
  name: "doctor",
  summary,
  flags: { json: { type: "switch", help: "print it for programs" } },
  examples: ["doctor", "doctor --json"],
  notes: [
    "Marks: ! missing, ~ something else stands in for it, - fetched when it is first used. Exit status 0 if " +
      "Vitrine can be used, else 1.",
  ],
} satisfies Command;

export async function run(args: string[]): Promise<number> {
  if (wantsHelp(args)) {
    process.stdout.write(`${helpText(command)}\n`);
    return 0;
  }
  const { flags } = parseCommand(command, args);
  // Only now: --help must not wait for TensorFlow.
  const { checkBackend, checkCanvas, checkRegistry } = require("./doctor-library") as typeof import("./doctor-library");
  const { finding: backend, choice } = await checkBackend();
  const findings = [
    checkNode(),
    checkTypeScript(),
    backend,
    ...checkKernel(),
    ...checkPython(),
    checkCanvas(),
    ...(await checkRegistry()),
  ];
  const text = flags.json
    ? JSON.stringify({ usable: usable(findings), backend: choice ?? null, findings }, null, 2)
    : report(findings);
  process.stdout.write(`${text}\n`);
  return usable(findings) ? 0 : 1;
}
