// Says in the place of a kernel that has died what became of it: last-words.js STATUS … --connection-file FILE
import { readFileSync, readSync } from "fs";
import { setTimeout as sleep } from "timers/promises";
import { Router, XPublisher } from "zeromq";
import { address, readConnectionFile, type ConnectionInfo } from "../io/connection";
import type { Asked, Doing } from "../io/doings";
import { Wire } from "../io/wire";
import { dividedAtTheEnd } from "../shared/dying";
import { MarkReader, READ, STATE } from "../shared/marks";
import { reasonOf } from "./reason";

/** How long a front end may take to come back; ZeroMQ tries every tenth of a second. */
const PATIENCE_MS = 3000;
/** When the first has come: for others. */
const OTHERS_MS = 300;
const RETRY_MS = 50;
const MOST_BYTES = 1 << 20;

async function main([status, ...rest]: string[]): Promise<void> {
  const doing = whatItDid();
  if (!doing || doing.left) return;
  const texts = { stdout: unread("stdout", doing.marks), stderr: unread("stderr", doing.marks) };
  const reason = reasonOf(Number(status), texts.stderr, doing.working === true);
  console.error(`[vitrine kernel] ${reason.evalue}`);
  const info = readConnectionFile(rest[rest.indexOf("--connection-file") + 1]);
  const wire = new Wire(info.key, info.signature_scheme);
  await Promise.all([tellAll(info, wire, doing, texts, reason), answer(info, wire, doing, reason)]);
}

type Reason = ReturnType<typeof reasonOf>;

/** Everybody hears what was printed last, and what happened. */
async function tellAll(
  info: ConnectionInfo,
  wire: Wire,
  doing: Doing,
  texts: Record<"stdout" | "stderr", string>,
  reason: Reason,
): Promise<void> {
  const socket = new XPublisher({ linger: 1000, sendHighWaterMark: 0 });
  await socket.bind(address(info, info.iopub_port));
  if (!(await within(socket.receive(), PATIENCE_MS))) return socket.close();
  await sleep(OTHERS_MS);
  const parent = doing.request?.header ?? {};
  const publish = (type: string, content: object): Promise<void> =>
    socket.send(wire.serialise([`kernel.${type}`], type, parent, JSON.stringify(content)));
  for (const [name, text] of Object.entries(texts)) {
    const { printed } = dividedAtTheEnd(text);
    if (printed) await publish("stream", { name, text: printed });
  }
  await publish("error", { ...reason, traceback: [`${reason.ename}: ${reason.evalue}`] });
  await publish("status", { execution_state: "idle" });
  socket.close();
}

/** Whoever waits for an answer gets it. */
async function answer(info: ConnectionInfo, wire: Wire, doing: Doing, reason: Reason): Promise<void> {
  const waiting = [...(doing.working && doing.request ? [doing.request] : []), ...doing.queued];
  if (waiting.length === 0) return;
  const socket = new Router({ linger: 1000, sendHighWaterMark: 0, mandatory: true, handover: true });
  await socket.bind(address(info, info.shell_port));
  const failed = {
    status: "error",
    execution_count: doing.count,
    user_expressions: {},
    payload: [],
    ...reason,
    traceback: [],
  };
  const end = Date.now() + PATIENCE_MS;
  for (const asked of waiting) await send(asked, asked === doing.request ? failed : { status: "aborted" });
  socket.close();

  async function send({ identities, header }: Asked, content: object): Promise<void> {
    const type = header.msg_type.replace(/_request$/, "_reply");
    const to = identities.map((each) => Buffer.from(each, "base64"));
    for (;;) {
      try {
        return await socket.send(wire.serialise(to, type, header, JSON.stringify(content)));
      } catch {
        // It has not come back yet.
        if (Date.now() > end) return;
        await sleep(RETRY_MS);
      }
    }
  }
}

function whatItDid(): Doing | undefined {
  try {
    return JSON.parse(readFileSync(`/dev/fd/${STATE}`, "utf8").split("\n")[0]) as Doing;
  } catch {
    return undefined;
  }
}

/** What nobody has read. */
function unread(name: "stdout" | "stderr", key: string): string {
  const reader = new MarkReader(key),
    block = Buffer.alloc(1 << 16);
  let text = "";
  try {
    for (let bytes = 1; bytes > 0 && text.length < MOST_BYTES;) {
      bytes = readSync(READ[name], block);
      for (const part of reader.read(block.subarray(0, bytes))) if (typeof part === "string") text += part;
    }
  } catch {
    // There is no more, and somebody still might write.
  }
  return text;
}

async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  return Promise.race([promise.catch(() => undefined), sleep(milliseconds, undefined)]);
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: Error) => {
    console.error(`[vitrine kernel] ${error.message}`);
    process.exit(1);
  },
);
