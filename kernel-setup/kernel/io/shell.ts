// Requests in their order, and the history of a session.
import { setImmediate as nextTurn } from "timers/promises";
import { log } from "../shared/log";
import type { CommCall, CommMessage, ExecuteCall, ExecuteReply, Json } from "../shared/protocol";
import type { Doings } from "./doings";
import type { Engine } from "./engine";
import type { IoPub, Origins } from "./iopub";
import { kernelInfo } from "./kernel-info";
import type { MemoryWatch } from "./memory-watch";
import type { Outbox } from "./sockets";
import type { Message, Wire } from "./wire";

type Content = Record<string, unknown>;

/** The shell channel: requests are answered strictly in order, one at a time. */
export class Shell {
  private readonly queue: Message[] = [];
  private readonly aborted = new WeakSet<Message>();
  private readonly history = new History();
  private working = false;
  private count = 0;

  constructor(
    private readonly wire: Wire,
    private readonly outbox: Outbox,
    private readonly iopub: IoPub,
    private readonly engine: Engine,
    private readonly origins: Origins,
    private readonly memory: MemoryWatch,
    private readonly doings: Doings,
    private readonly shutdown: (request: Message) => Promise<void>,
    /** Ends a process whose main thread is lost. */
    private readonly lost: () => void,
  ) {}

  accept(message: Message): void {
    this.queue.push(message);
    if (this.working) this.doings.queued(this.queue);
    else void this.work();
  }

  private async work(): Promise<void> {
    this.working = true;
    for (let message = this.queue.shift(); message; message = this.queue.shift()) {
      this.iopub.status("busy", message.header);
      this.doings.begin(message, this.count, this.queue);
      try {
        await this.handle(message);
      } catch (error) {
        log(`${message.header.msg_type} failed: ${(error as Error).stack}`);
        this.reply(
          message,
          JSON.stringify({ status: "error", ename: "KernelError", evalue: (error as Error).message, traceback: [] }),
        );
      }
      this.doings.end();
      this.iopub.status("idle", message.header);
    }
    this.working = false;
  }

  private async handle(message: Message): Promise<void> {
    const { content } = message;
    switch (message.header.msg_type) {
      case "kernel_info_request":
        return this.reply(message, JSON.stringify(kernelInfo()));
      case "execute_request":
        return this.execute(message);
      case "complete_request":
        return this.reply(message, await this.engine.call("complete", content));
      case "inspect_request":
        return this.reply(message, await this.engine.call("inspect", content));
      case "is_complete_request":
        return this.reply(message, await this.engine.call("is_complete", content));
      case "history_request":
        return this.reply(message, JSON.stringify(this.history.reply(content)));
      case "comm_info_request":
        return this.reply(message, await this.engine.call("comm_info", content));
      case "shutdown_request":
        return this.shutdown(message);
      case "comm_open":
      case "comm_msg":
      case "comm_close":
        return this.comm(message, message.header.msg_type);
      default:
        log(`unknown request ${message.header.msg_type}`);
    }
  }

  private async execute(message: Message): Promise<void> {
    if (this.aborted.has(message)) return this.reply(message, JSON.stringify({ status: "aborted" }));
    const { content } = message;
    const code = typeof content.code === "string" ? content.code : "";
    const silent = content.silent === true;
    const stored = !silent && content.store_history !== false;
    if (stored) this.history.add(++this.count, code);
    if (!silent)
      this.iopub.publish("execute_input", message.header, JSON.stringify({ code, execution_count: this.count }));
    const call: ExecuteCall = {
      origin: this.origins.add(message),
      code,
      count: this.count,
      silent,
      userExpressions: (content.user_expressions ?? {}) as Record<string, string>,
      ...cellsIn(message.metadata),
    };
    this.memory.begin({
      tell: (text) => {
        if (!silent) this.iopub.publish("stream", message.header, JSON.stringify({ name: "stderr", text }));
      },
      lastWords: (evalue) =>
        this.die(message, {
          status: "error",
          execution_count: this.count,
          user_expressions: {},
          payload: [],
          ename: "MemoryError",
          evalue,
          traceback: [`MemoryError: ${evalue}`],
        }),
    });
    const json = await this.engine.call("execute", call);
    this.memory.end();
    const failed = (JSON.parse(json) as ExecuteReply).status === "error";
    if (failed && content.stop_on_error !== false) await this.abortQueued();
    this.reply(message, json);
  }

  /** The main thread is lost, and with it the process: what can be said is said. */
  private die(message: Message, reply: ExecuteReply & { status: "error" }): void {
    const { ename, evalue, traceback } = reply;
    this.iopub.publish("error", message.header, JSON.stringify({ ename, evalue, traceback }));
    this.reply(message, JSON.stringify(reply));
    for (const { header, identities } of this.queue) {
      if (header.msg_type === "execute_request")
        this.outbox.send(
          this.wire.serialise(identities, "execute_reply", header, JSON.stringify({ status: "aborted" })),
        );
    }
    this.iopub.status("idle", message.header);
    this.doings.left();
    this.lost();
  }

  private async comm(message: Message, type: CommCall): Promise<void> {
    const { content, metadata, buffers } = message;
    const call: CommMessage = { origin: this.origins.add(message), content, metadata, buffers };
    await this.engine.call(type, call);
  }

  /** Aborts what was sent before this cell's failure could be known; what comes after the reply is run. */
  private async abortQueued(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    for (const message of this.queue) if (message.header.msg_type === "execute_request") this.aborted.add(message);
  }

  private reply(message: Message, content: Json | Content): void {
    const type = message.header.msg_type.replace(/_request$/, "_reply");
    const json = typeof content === "string" ? content : JSON.stringify(content);
    this.outbox.send(this.wire.serialise(message.identities, type, message.header, json));
  }
}

/** What JupyterLab and others tell of the notebook's cells beside the code. */
function cellsIn({ cellId, deletedCells }: Record<string, unknown>): Pick<ExecuteCall, "cellId" | "deletedCells"> {
  const isName = (value: unknown): value is string => typeof value === "string";
  return {
    ...(isName(cellId) && { cellId }),
    ...(Array.isArray(deletedCells) && { deletedCells: deletedCells.filter(isName) }),
  };
}

type Entry = { line: number; input: string };

/** The inputs of this session, answered as `history_reply` wants them. Nothing is kept on disk. */
class History {
  private readonly entries: Entry[] = [];

  add(line: number, input: string): void {
    this.entries.push({ line, input });
  }

  reply(request: Record<string, unknown>): Record<string, unknown> {
    const withOutput = request.output === true;
    return {
      status: "ok",
      history: this.select(request).map(({ line, input }) => [SESSION, line, withOutput ? [input, null] : input]),
    };
  }

  private select(request: Record<string, unknown>): Entry[] {
    const n = typeof request.n === "number" ? request.n : 10;
    switch (request.hist_access_type) {
      case "range": {
        const session = typeof request.session === "number" ? request.session : 0;
        // 0 is the current session and -1 the one before, which we never have.
        if (session !== 0 && session !== SESSION) return [];
        const start = typeof request.start === "number" ? request.start : 1;
        const stop = typeof request.stop === "number" ? request.stop : Infinity;
        return this.entries.filter(({ line }) => line >= start && line < stop);
      }
      case "search": {
        const pattern = glob(typeof request.pattern === "string" ? request.pattern : "*");
        let found = this.entries.filter(({ input }) => pattern.test(input));
        if (request.unique === true)
          found = found.filter((entry, i) => !found.slice(i + 1).some(({ input }) => input === entry.input));
        return typeof request.n === "number" ? found.slice(-n || found.length) : found;
      }
      default:
        return n > 0 ? this.entries.slice(-n) : [];
    }
  }
}

const SESSION = 1;

function glob(pattern: string): RegExp {
  const escaped = pattern
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replace(/\*/g, "[^]*")
    .replace(/\?/g, "[^]");
  return new RegExp(`^${escaped}$`);
}
