import { Socket } from "node:net";
import { createInterface } from "node:readline";
import { Compiler } from "../../../kernel/cell/compiler";
import { Executor } from "../../../kernel/cell/executor";
import { forbidExit } from "../../../kernel/cell/guards";
import { CellModules } from "../../../kernel/cell/modules";
import { installStackTraces } from "../../../kernel/cell/source-maps";
import { Tslab } from "../../../kernel/cell/tslab";
import { home } from "../../../kernel/shared/home";
import { Cells } from "./cells";
import { Maker } from "./make";
import type { Request, Written } from "./protocol";
import { encodeAnswer } from "./values";

/** The whole program of the sandbox: the kernel's compiler and cells, asked over file descriptor 3. */
function main(): void {
  const channel = new Socket({ fd: 3, readable: true, writable: true });
  const tslab = new Tslab();
  const compiler = new Compiler(tslab);
  const modules = new CellModules(process.cwd(), home, tslab, () => undefined);
  const executor = new Executor(compiler, modules);
  const cells = new Cells(executor, tslab);
  forbidExit();
  installStackTraces(tslab.maps);
  // What a cell leaves running may fail later: no reason to lose the functions.
  process.on("uncaughtException", (error) => console.error(words(error)));
  process.on("unhandledRejection", (reason) => console.error(words(reason)));

  const answer = async (request: Request): Promise<Written> => {
    const { id, nonce } = request;
    try {
      if (request.do === "cell")
        return {
          id,
          nonce,
          ok: true,
          left: await cells.run(request.name, request.source, request.only, request.solves),
        };
      // For the words of what is not there.
      (globalThis as { [key: symbol]: string })[Symbol.for("vitrine.marked")] = request.task;
      cells.asFor(request.solves, request.function);
      return { id, nonce, ok: true, value: await call(executor, request.function, request.args) };
    } catch (error) {
      return { id, nonce, ok: false, ...errorWords(error) };
    }
  };
  createInterface({ input: channel }).on("line", (line) => {
    void answer(JSON.parse(line) as Request).then((reply) => channel.write(`${JSON.stringify(reply)}\n`));
  });
  channel.write(`${JSON.stringify({ ready: true })}\n`);
}

/** What was thrown may be anything: an object whose name throws, a proxy, a function. */
function errorWords(error: unknown): { name: string; message: string } {
  const part = (name: "name" | "message"): unknown => {
    try {
      return (error as Partial<Error> | null | undefined)?.[name];
    } catch {
      return undefined;
    }
  };
  return { name: words(part("name") ?? "Error"), message: words(part("message") ?? error) };
}

/** More of an error's words than the grader reads: a text without end could not be written at all. */
const MOST_WORDS = 200_000;

function words(value: unknown): string {
  try {
    return String(value).slice(0, MOST_WORDS);
  } catch {
    return "something that cannot be printed";
  }
}

async function call(executor: Executor, name: string, args: readonly unknown[]): Promise<unknown> {
  const student = executor.value(name);
  if (typeof student !== "function") throw Object.assign(new Error(name), { name: "Missing" });
  const vitrine = require("vitrine") as ConstructorParameters<typeof Maker>[0] & { ready(): Promise<unknown> };
  await vitrine.ready();
  const maker = new Maker(vitrine);
  try {
    const result: unknown = await (student as (...all: unknown[]) => unknown)(...args.map((each) => maker.make(each)));
    const encoded = await encodeAnswer(vitrine.tf, result);
    const mine = new Set<unknown>([
      result,
      ...(typeof result === "object" && result !== null ? (Object.values(result) as unknown[]) : []),
    ]);
    if (maker.tensors.some((tensor) => tensor.isDisposed && !mine.has(tensor)))
      throw new Error("Your function disposes of a tensor that it was given. Whoever called still needs it.");
    return encoded;
  } finally {
    maker.dispose();
  }
}

main();
