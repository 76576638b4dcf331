import type { Code } from "./hostile-course";

export interface Attack extends Code {
  readonly name: string;
  readonly reason: RegExp;
  /** Points of the whole sheet: the other tasks are solved. Default: 5, since task 2 needs task 1's function. */
  readonly score?: number;
  readonly memoryMiB?: number;
  /** It leaves threads at work that take the other tasks' time: they may lose points. */
  readonly greedy?: true;
}

/** They use up what there is. */
export const limitAttacks: readonly Attack[] = [
  { name: "process.exit in the function", body: "process.exit(0);", reason: /process\.exit\(0\) was called/ },
  {
    name: "Node's own exit, which process.exit calls",
    body: 'console.log("zoom"); (process as any).reallyExit(0);',
    reason: /process\.reallyExit\(0\) was called/,
  },
  {
    name: "kills itself",
    body:
      `process.kill(process.pid, "SIGKILL" as any); require("child_process").execFileSync("/opt/bin/node", ["-e", ` +
      `"process.kill(" + process.pid + ", 9)"]);`,
    reason: /process\.kill\(|killed|ended/,
  },
  {
    name: "a loop before anything else",
    body: "for (;;);",
    reason: /took longer than .* Is there a loop that does not end/,
  },
  { name: "a loop after await", body: "await null; for (;;);", reason: /took longer than/ },
  { name: "microtasks without end", body: "for (;;) await null;", reason: /took longer than/ },
  { name: "a promise that nobody settles", body: "return new Promise(() => undefined);", reason: /took longer than/ },
  { name: "a then that never calls back", body: "return { then() {} } as any;", reason: /took longer than/ },
  {
    name: "memory: lists",
    body: "const all: number[][] = []; for (;;) all.push(new Array(100000).fill(1.5));",
    reason: /memory|killed|ended/,
    memoryMiB: 256,
  },
  {
    name: "memory: buffers",
    body: "const all: Buffer[] = []; for (;;) all.push(Buffer.alloc(2 ** 24, 1));",
    reason: /memory|Array buffer allocation failed|killed|ended/,
    memoryMiB: 256,
  },
  {
    name: "memory: tensors",
    body: "const all: tf.Tensor[] = []; for (;;) all.push(tf.ones([1024, 1024]));",
    reason: /memory|allocation failed|killed|ended/,
    memoryMiB: 256,
  },
  {
    name: "memory: WebAssembly",
    body: "const all: any[] = []; for (;;) all.push(new (globalThis as any).WebAssembly.Memory({ initial: 4096 }));",
    reason: /memory|allocate|killed|ended/,
    memoryMiB: 256,
  },
  {
    name: "memory: text",
    body: `let text = "x"; for (;;) text += text + Math.random();`,
    reason: /memory|Invalid string length|killed|ended/,
  },
  {
    name: "disk: large files",
    body:
      `for (const folder of ["/tmp", "/grade/work"]) for (let i = 0; ; i++) { try { ` +
      `require("fs").writeFileSync(folder + "/" + i, Buffer.alloc(2 ** 22)); } catch (error: any) { if (folder === ` +
      `"/tmp") break; throw new Error(i + " files, then " + error.code); } }`,
    reason: /^.*: (1 )?\d+ files, then ENOSPC/,
  },
  {
    name: "disk: one endless file",
    body:
      `const fs = require("fs"), file = fs.openSync("/tmp/endless", "w"); process.on("SIGXFSZ" as any, () => ` +
      `undefined); for (let i = 0; ; i++) fs.writeSync(file, Buffer.alloc(2 ** 20));`,
    reason: /EFBIG|ENOSPC/,
  },
  {
    name: "disk: empty files without end",
    reason: /writes more than 20000 files/,
    body: `const fs = require("fs"); for (let i = 0; ; i++) fs.closeSync(fs.openSync("/tmp/" + i, "w"));`,
  },
  {
    name: "prints without end",
    body: `for (;;) console.log("x".repeat(1000));`,
    reason: /prints without end|took longer/,
  },
  {
    name: "prints past the console",
    body: `for (;;) require("fs").writeSync(1, "x".repeat(65536));`,
    reason: /prints without end|EAGAIN/,
  },
  {
    name: "answers without end, one line",
    body: `for (;;) require("fs").writeSync(3, "x".repeat(65536));`,
    reason: /too large|EAGAIN|took longer/,
  },
  {
    name: "answers without end, many lines",
    body: `for (;;) require("fs").writeSync(3, "{}\\n".repeat(1000));`,
    reason: /only answers belong|EAGAIN/,
  },
  {
    name: "an answer of a hundred million values",
    body: "return tf.zeros([10000, 10000]);",
    reason: /too large|memory|took longer|values|Invalid string|ended|killed/,
  },
  {
    name: "an error of a hundred megabytes",
    body: `throw new Error("x".repeat(1e8));`,
    reason: /too large|took longer|stopped with an error/,
  },
  {
    name: "recursion without end",
    body: "const again = (): number => 1 + again(); again();",
    reason: /Maximum call stack/,
  },
  {
    name: "children without end",
    greedy: true,
    body:
      `const { spawn } = require("child_process"); const code = ` +
      `'for(;;){try{require("child_process")' + ` +
      `'.spawn("/opt/bin/node",["-e",process.argv[1],process.argv[1]],{detached:true})}catch{}}'; ` +
      `let began = 0; for (let i = 0; i < 200; i++) { try { if (spawn("/opt/bin/node", ["-e", code, code], { ` +
      `detached: true, stdio: "ignore" }).pid) began++; } catch {} } await new Promise((resolve) => ` +
      `setTimeout(resolve, 1000)); throw new Error(began + " of 200 children began");`,
    reason: /: [0-9] of 200 children began|took longer|ended/,
  },
  {
    name: "threads without end",
    greedy: true,
    body:
      `const { Worker } = require("worker_threads"); let failed = ""; for (let i = 0; i < 100; i++) { const worker ` +
      `= new Worker("for(;;);", { eval: true }); worker.on("error", (error: Error) => { failed = error.message; ` +
      `}); } await new Promise((resolve) => setTimeout(resolve, 1500)); throw new Error("after threads: " + ` +
      `failed);`,
    reason: /EAGAIN|Worker init|took longer|ended|killed/,
  },
  { name: "a cell that never ends beside a right answer", cell: "for (;;);", reason: /^$/, score: 12 },
  {
    name: "a cell that ends the process beside a right answer",
    cell: `require("child_process").execFileSync("/opt/bin/node", ["-e", "process.kill(" + process.pid + ", 9)"]);`,
    reason: /^$/,
    score: 12,
  },
  {
    name: "timers without end beside a right answer",
    cell: `setInterval(() => { for (let i = 0; i < 1e5; i++); }, 1); (function again() { setImmediate(again); })();`,
    reason: /^$/,
    score: 12,
  },
  {
    name: "late errors beside a right answer",
    cell: `setTimeout(() => { throw new Error("late"); }, 10); void Promise.reject(new Error("late too"));`,
    reason: /^$/,
    score: 12,
  },
  {
    name: "types that the compiler does not finish",
    cell:
      `type Long<T extends number, R extends unknown[] = []> = R["length"] extends T ? R : Long<T, [...R, ` +
      `unknown]>; type Many = { [K in Long<900>["length"]]: Long<899> }; const huge: Many[keyof Many] = ` +
      `${"[".repeat(3000)}${"]".repeat(3000)} as any;`,
    reason: /^$/,
    score: 12,
  },
  {
    name: "the solution's cell loops",
    before: "for (;;);",
    body: "return images;",
    reason: /A cell of yours took longer/,
  },
];
