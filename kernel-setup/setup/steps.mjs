import { alone } from "./lock.mjs";

/**
 * A part of set-up, safe to repeat.
 * @typedef {{ project: object, env: NodeJS.ProcessEnv }} Context
 * @typedef {object} Step
 * @property {string} name
 * @property {(context: Context) => { ready: string } | { todo: string }} check quick: reads a few small files
 * @property {(context: Context) => Promise<string>} run does the work; what came of it in a few words
 * @property {(context: Context) => string | undefined} [note] one line that people should see every time
 */

/**
 * Does what is not done yet, one line of progress a step.
 * @param {Step[]} steps in order
 * @param {Context} context
 * @param {{ again?: boolean, write?: (text: string) => void }} [options] `again`: also what is done already.
 */
export async function doSteps(steps, context, { again = false, write = (text) => process.stdout.write(text) } = {}) {
  const allReady = !again && steps.every((step) => isReady(step, context));
  const work = async () => {
    for (const [index, step] of steps.entries()) await doStep(step, context, { again, write, label: `[${index + 1}/${steps.length}] ${step.name.padEnd(16)}` });
  };
  // The lock is for those who change something: a start with all in place waits for nobody.
  await (allReady ? work() : alone(context.project.root, (line) => write(`${line}\n`), work));
  for (const step of steps) {
    const note = step.note?.(context);
    if (note) write(`Note: ${note}\n`);
  }
}

const isReady = (step, context) => "ready" in step.check(context);

async function doStep(step, context, { again, write, label }) {
  const state = step.check(context);
  if ("ready" in state && !again) return write(`${label} ${state.ready}\n`);
  write(`${label} ${state.todo ?? "anew"} … `);
  const started = Date.now();
  const elapsed = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  try {
    write(`${await step.run(context)} (${elapsed()})\n`);
  } catch (error) {
    write(`failed (${elapsed()})\n`);
    throw new Error(`Set-up stopped at "${step.name}": ${error.message}`);
  }
}
