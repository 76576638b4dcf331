import { tmpdir } from "node:os";
import { join } from "node:path";
import lock from "./lock.cjs";
import { hashOf } from "./stamp.mjs";

/**
 * A part of set-up, safe to repeat.
 * @typedef {{ project: object, env: NodeJS.ProcessEnv }} Context
 * @typedef {object} Step
 * @property {string} name
 * @property {string[]} [after] names of the steps whose work it needs; what has none of them undone may run beside
 * others.
 *   Default: every step before it
 * @property {(context: Context) => { ready: string } | { todo: string }} check quick: reads a few small files
 * @property {(context: Context) => Promise<string>} run does the work; what came of it in a few words
 * @property {(context: Context) => string | undefined} [note] one line that people should see every time
 */

/**
 * Does what is not done yet, steps that do not need each other side by side: one waits for the network while another
 * computes.
 * A line tells when a step begins, and one what came of it.
 * @param {Step[]} steps in an order in which they could be done one by one
 * @param {Context} context
 * @param {{ again?: boolean, write?: (text: string) => void }} [options] `again`: also what is done already.
 * @throws Error that names the first step that failed, when those begun beside it have ended
 */
export async function doSteps(steps, context, { again = false, write = (text) => process.stdout.write(text) } = {}) {
  const allReady = !again && steps.every((step) => isReady(step, context));
  const label = (step) => `[${steps.indexOf(step) + 1}/${steps.length}] ${step.name.padEnd(16)}`;
  const begin = (step) => doStep(step, context, { again, write, label: label(step) });
  // With nothing to do the lines come in the steps' order.
  const work = allReady ? () => oneByOne(steps, begin) : () => sideBySide(steps, begin);
  // The lock is for those who change something: a start with all in place waits for nobody.
  await (allReady ? work() : alone(context.project.root, (line) => write(`${line}\n`), work));
  for (const step of steps) {
    const note = step.note?.(context);
    if (note) write(`Note: ${note}\n`);
  }
}

/** Runs `work` while no other set-up of the same checkout runs; a second one waits for the first. */
function alone(root, say, work) {
  let told = false;
  const waiting = (owner) => {
    if (!told && owner) say(`waiting for another set-up of this checkout (process ${owner.pid})`);
    told ||= owner !== undefined;
  };
  return lock.withLock(join(tmpdir(), `vitrine-setup-${hashOf(root)}.lock`), work, { wait: Infinity, waiting });
}

const isReady = (step, context) => "ready" in step.check(context);

async function oneByOne(steps, begin) {
  for (const step of steps) await begin(step);
}

/** Begins each step when those it comes after are done; after a failure none begins. */
async function sideBySide(steps, begin) {
  const done = new Map();
  let failure;
  for (const [index, step] of steps.entries()) {
    const before = steps.slice(0, index).filter(({ name }) => !step.after || step.after.includes(name));
    const ready = Promise.all(before.map((each) => done.get(each)));
    done.set(
      step,
      ready.then(async () => {
        if (failure) return;
        try {
          await begin(step);
        } catch (error) {
          failure ??= error;
        }
      }),
    );
  }
  await Promise.all(done.values());
  if (failure) throw failure;
}

async function doStep(step, context, { again, write, label }) {
  const state = step.check(context);
  if ("ready" in state && !again) return write(`${label} ${state.ready}\n`);
  write(`${label} ${state.todo ?? "once more"} …\n`);
  const started = Date.now();
  const elapsed = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  try {
    write(`${label} ${await step.run(context)} (${elapsed()})\n`);
  } catch (error) {
    write(`${label} failed (${elapsed()})\n`);
    throw new Error(`Set-up stopped at "${step.name}": ${error.message}`, { cause: error });
  }
}
