import { randomBytes } from "crypto";
import * as path from "path";
import { getHeapStatistics } from "v8";
import { Worker } from "worker_threads";
import { readConnectionFile, type ConnectionInfo } from "./io/connection";
import { setFlags } from "./shared/v8-flags";
import { LAUNCHED, launched, log } from "./shared/log";
import { SLOTS, type IoThreadData } from "./shared/protocol";

/** Entry of the kernel: `main.js --connection-file FILE`. */
function main(args: readonly string[]): void {
  const connection = connectionFrom(args);
  setFlags();
  // The I/O thread comes first: it binds the sockets and answers kernel_info while this thread loads the compiler.
  const shared = new SharedArrayBuffer(SLOTS * Int32Array.BYTES_PER_ELEMENT);
  const marks = launched ? randomBytes(5).toString("hex") : undefined;
  const workerData: IoThreadData = { connection, shared, heapLimit: getHeapStatistics().heap_size_limit, marks };
  const argv = launched ? [LAUNCHED] : [];
  const io = new Worker(path.join(__dirname, "io/thread.js"), { workerData, argv });
  const exit = process.exit.bind(process) as (code?: number) => never;
  io.on("error", (error) => {
    log(`I/O thread: ${error.stack}`);
    exit(1);
  });
  io.on("exit", (code) => exit(code));
  const { startEngine } = require("./cell/engine") as typeof import("./cell/engine");
  startEngine(io, new Int32Array(shared), marks);
}

function connectionFrom(args: readonly string[]): ConnectionInfo {
  const at = args.indexOf("--connection-file");
  if (at < 0 || !args[at + 1]) {
    log("usage: main.js --connection-file FILE");
    process.exit(2);
  }
  try {
    return readConnectionFile(args[at + 1]);
  } catch (error) {
    log((error as Error).message);
    process.exit(1);
  }
}

main(process.argv.slice(2));
