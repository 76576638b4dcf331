// One start of the kernel as Jupyter does it, to see whether it computes.
import { spawn } from "child_process";
import { randomUUID } from "crypto";
import { mkdtempSync, rmSync, writeFileSync } from "fs";
import { createServer, type AddressInfo } from "net";
import { tmpdir } from "os";
import * as path from "path";
import { setTimeout as sleep } from "timers/promises";
import { Dealer } from "zeromq";
import { Wire } from "../io/wire";
import { kernelFiles } from "./package-files";
import { kernelCommand } from "./spec.cjs";

const PATIENCE_MS = 60_000;
const CHANNELS = ["shell", "iopub", "stdin", "control", "hb"];
/** Runs as it stands, in every version. */
const CELL = `const doubled: number[] = [1, 2].map((x) => x * 2); if (doubled[1] !== 4) throw new Error("wrong");`;

/** Milliseconds to the first answer, and from there to the end of the first cell. @throws Error with what is wrong */
export async function tryKernel(): Promise<{ ready: number; first: number }> {
  const folder = mkdtempSync(path.join(tmpdir(), "vitrine-kernel-doctor-"));
  const key = randomUUID();
  const ports = await freePorts(CHANNELS.length);
  const file = path.join(folder, "connection.json");
  const connection = { transport: "tcp", ip: "127.0.0.1", key, signature_scheme: "hmac-sha256" };
  const numbers = Object.fromEntries(CHANNELS.map((name, i) => [`${name}_port`, ports[i]]));
  writeFileSync(file, JSON.stringify({ ...connection, ...numbers }), { mode: 0o600 });
  const [program, ...args] = kernelCommand(kernelFiles).map((each) => (each === "{connection_file}" ? file : each));
  const began = Date.now();
  const kernel = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [kernel.stdout, kernel.stderr]) stream.on("data", (text) => (said += String(text)));
  const ended = new Promise<never>((_resolve, reject) => {
    kernel.once("error", reject);
    kernel.once("exit", (status) => reject(new Error(`it ended with ${status}: ${said.trim().split("\n").at(-1)}`)));
  });
  ended.catch(() => undefined);
  const socket = new Dealer({ linger: 0 });
  socket.connect(`tcp://127.0.0.1:${ports[0]}`);
  const wire = new Wire(key);
  const ask = async (type: string, content: object): Promise<Record<string, unknown>> => {
    await socket.send(wire.serialise([], type, {}, JSON.stringify(content)));
    return wire.parse(await socket.receive()).content;
  };
  const late = sleep(PATIENCE_MS, undefined, { ref: false }).then((): never => {
    throw new Error(`no answer within ${PATIENCE_MS / 1000} s. ${said.trim()}`);
  });
  late.catch(() => undefined);
  try {
    await Promise.race([ask("kernel_info_request", {}), ended, late]);
    const ready = Date.now() - began;
    const reply = await Promise.race([ask("execute_request", { code: CELL, silent: true }), ended, late]);
    if (reply.status !== "ok")
      throw new Error(`its first cell failed: ${String(reply.ename)}: ${String(reply.evalue)}`);
    return { ready, first: Date.now() - began - ready };
  } finally {
    socket.close();
    kernel.removeAllListeners("exit");
    kernel.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer().once("error", reject);
          server.listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((each) => (each.address() as AddressInfo).port);
  await Promise.all(servers.map((each) => new Promise((resolve) => each.close(resolve))));
  return ports;
}
