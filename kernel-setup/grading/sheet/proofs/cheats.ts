import { cheats, CheatingKernel, type Cheat } from "../../judge/cheats";
import type { TaskDefinition } from "../../judge/define-task";
import { runTask, type Asked, type PartOutcome } from "../../judge/run-task";
import { counted, proof, type Proof } from "./proof";

/** How often a solution is judged, each time with other inputs. */
export const SEEDS = 10;

/** The solution has all points whatever the inputs are. */
export async function proveSeeds(tasks: readonly TaskDefinition[], kernel: Asked, notebook: number): Promise<Proof> {
  const faults: string[] = [];
  for (const task of tasks) {
    for (let seed = 1; seed <= SEEDS; seed++) {
      for (const { part, status, reason } of await runTask(task, kernel, [seed, notebook])) {
        if (status !== "passed")
          faults.push(`${task.task}, “${part.name}”, with the inputs of seed ${seed}: ${inOneLine(reason)}`);
      }
    }
  }
  return proof("seeds", faults, `the solution has all points with the inputs of ${SEEDS} seeds`);
}

/** The usual cheats get nothing, task by task. */
export async function* proveCheats(
  tasks: readonly TaskDefinition[],
  kernel: Asked,
  notebook: number,
): AsyncGenerator<Proof> {
  for (const task of tasks) {
    const cheating = new CheatingKernel(kernel),
      faults: string[] = [];
    cheating.begin();
    await runTask(task, cheating, [1, notebook]);
    for (const cheat of cheats) {
      cheating.begin(cheat);
      faults.push(...faultsOf(cheat, await runTask(task, cheating, [2, notebook])));
    }
    yield proof(
      `cheats ${task.task}`,
      faults,
      `${counted(cheats.length, "usual cheat")} (${cheats[0].name}, ${cheats[1].name}, …) get nothing`,
    );
  }
}

function faultsOf({ name }: Cheat, outcomes: readonly PartOutcome[]): string[] {
  return outcomes.flatMap(({ part, status, reason }) => {
    if (status === "passed") return [`“${name}” gets the ${part.points} points of “${part.name}”`];
    return status === "error" ? [`“${name}” in “${part.name}”: ${inOneLine(reason)}`] : [];
  });
}

const inOneLine = (text = ""): string => text.replace(/\s+/g, " ").slice(0, 160);
