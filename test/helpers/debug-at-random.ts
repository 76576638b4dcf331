import { random } from "../../lib/core/random";
import { DebugClient } from "./debug-client";
import type { Content, KernelClient, Received } from "./jupyter-client";

/** What somebody debugs: loops, awaits, libraries, the compiler, stops in plenty. What ends does so by itself. */
const cells = [
  "let a = 0;\nfor (;;) {\n  a++;\n}",
  "let b = 0;\nfor (;;) {\n  b++;\n  await null;\n}",
  "let c = 0;\nfor (;;) {\n  await new Promise((resolve) => setTimeout(resolve, 1));\n  c++;\n}",
  "debugger;\nlet d = 1;\nd++;\nd",
  "function deep(n: number): number {\n  return n === 0 ? 0 : 1 + deep(n - 1);\n}\nfor (;;) {\n  deep(20);\n}",
  "for (let e = 0; e < 50; e++) {\n  debugger;\n  await null;\n}\n'over'",
  'import { ones, tidy } from "@tensorflow/tfjs";\nfor (;;) {\n  tidy(() => {\n    ones([2]).add(1);\n  });\n}',
  "try {\n  for (;;) {\n    try {\n      throw new Error('f');\n    } catch {}\n  }\n} finally {\n  0;\n}",
  "const g = [3, 1, 2].map((x) => {\n  return x * 2;\n});\ng.sort((x, y) => x - y)",
  "setTimeout(() => {\n  debugger;\n  0;\n}, 5);\n'started'",
  "console.log('h');\n[1, 2].forEach((x) => console.log(x));",
  "await new Promise(() => {});",
];
const moves = ["pause", "next", "stepIn", "stepOut", "continue"];
const looks = ["stackTrace", "inspectVariables", "debugInfo", "evaluate", "modules"];
const PATIENCE_MS = 10_000;

/**
 * Cells that are paused, stepped, looked at and interrupted within milliseconds. After each every request must have
 * been answered, and the next cell must run.
 * @throws Error what was done to the cell that never answered
 */
export async function debugAtRandom(kernel: KernelClient, times: number, seed: number): Promise<void> {
  const chance = random(seed);
  const pick = <T>(from: readonly T[]): T => from[chance.integer(from.length)];
  const sleep = (most: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, most * chance.uniform() ** 2));
  const debug = new DebugClient(kernel);
  await debug.attach();
  for (let i = 0; i < times; i++) {
    const code = pick(cells);
    const done: string[] = [];
    const asked: Promise<unknown>[] = [];
    const ask = (command: string, given: Content = { threadId: 1 }): void => {
      done.push(command);
      const step = done.length;
      asked.push(within(debug.ask(command, given), `${command} (${step})`));
    };
    try {
      if (chance.uniform() < 0.3) await debug.breakAt(code, 1 + chance.integer(code.split("\n").length));
      if (chance.uniform() < 0.2) ask("setExceptionBreakpoints", { filters: [pick(["raised", "uncaught"])] });
      const { reply } = debug.run(code);
      const answered = settled(reply);
      for (let left = 1 + chance.integer(8); left > 0; left--) {
        await sleep(40);
        const kind = chance.uniform();
        if (kind < 0.55) ask(pick(moves));
        else if (kind < 0.7) ask(pick(looks), { threadId: 1, expression: "6 * 7" });
        else if (kind < 0.95) {
          done.push("interrupt");
          asked.push(within(kernel.interrupt(), "interrupt"));
        } else {
          ask("disconnect");
          ask("initialize", { clientID: "test" });
        }
      }
      await Promise.all(asked);
      ask("setExceptionBreakpoints", { filters: [] });
      await debug.breakAt(code);
      // A step or `pause` may stop it once more.
      for (let again = 0; !answered(); again++) {
        if (again === 20) throw new Error("the cell was interrupted 20 times and never answered");
        done.push("interrupt");
        await within(kernel.interrupt(), "interrupt");
        await Promise.race([reply, new Promise((resolve) => setTimeout(resolve, 500))]);
      }
      ask("disconnect");
      await Promise.all(asked);
      const next = debug.run(`${i} + 0.5`);
      const { content } = await within(next.reply, "the next cell");
      if (content.status !== "ok") throw new Error(`the next cell: ${content.ename}: ${content.evalue}`);
      await debug.attach();
    } catch (error) {
      const story = `seed ${seed}, cell ${i}: ${JSON.stringify(code)}, then ${done.join(", ")}`;
      throw new Error(`${(error as Error).message}; ${story}; the kernel said: ${kernel.terminal}`, { cause: error });
    }
  }
  await debug.get("disconnect");
}

function settled(reply: Promise<Received>): () => boolean {
  let over = false;
  void reply.then(() => (over = true));
  return () => over;
}

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} was not answered within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
