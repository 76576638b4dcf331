import { spawn, type ChildProcess } from "child_process";
import { createHmac, randomUUID } from "crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "fs";
import { createServer } from "net";
import { tmpdir } from "os";
import * as path from "path";
import { Dealer, Request, Subscriber } from "zeromq";

/** A small Jupyter client, written from the protocol's description and sharing no code with the kernel it tests. */

export const projectRoot = path.resolve(__dirname, "../..");
export const kernelMain = path.join(projectRoot, "kernel-setup/dist/kernel/main.js");

/** How a kernelspec starts the kernel, but for the connection file's name: by the launcher where there is a shell. */
export function kernelCommand(node = process.execPath, flags: string[] = [], launched = true): string[] {
  const launcher = ["/bin/sh", "kernel-setup/kernel/launch/launch.sh", "kernel-setup/dist/kernel/launch/last-words.js"];
  const [shell, ...files] = launcher;
  const before =
    launched && process.platform !== "win32" ? [shell, ...files.map((each) => path.join(projectRoot, each))] : [];
  return [...before, node, "--no-force-async-hooks-checks", ...flags, kernelMain, "--connection-file"];
}

export type Content = Record<string, any>;

export interface Received {
  type: string;
  content: Content;
  parent: Content;
  header: Content;
  metadata: Content;
  buffers: Buffer[];
}

export interface StartOptions {
  transport?: "tcp" | "ipc";
  cwd?: string;
  key?: string;
  env?: NodeJS.ProcessEnv;
  /** Flags for node. */
  flags?: string[];
  /** The program that runs the kernel. Default: this one. */
  node?: string;
  /**
   * Waits until a first cell has run, for which the compiler must be loaded: on a busy machine longer than a test waits
   * for a cell.
   */
  warm?: boolean;
  /** By the launcher, as a kernelspec starts it where there is a shell. Default: true. */
  launched?: boolean;
}

/** How to reach a kernel, and who asks. */
interface Address {
  connection: Content;
  session: string;
}

interface ClientSockets {
  shell: Dealer;
  control: Dealer;
  stdin: Dealer;
  iopub: Subscriber;
  hb: Request;
}

/** Texts and tracebacks without their colours; `outputs` has them as they came. */
export interface CellOutcome {
  reply: Content;
  /** Everything published for the cell, without status and execute_input. */
  outputs: Received[];
  stdout: string;
  stderr: string;
  /** text/plain of the execute_result. */
  result?: string;
  error?: Content;
}

const channels = ["shell", "iopub", "stdin", "control", "hb"] as const;
type Channel = "shell" | "control" | "stdin";

/** Text without its colours. */
export const plain = (text: string): string => text.replace(/\u001b\[[0-9;]*m/g, "");

export class KernelClient {
  readonly published: Received[] = [];
  /** What the kernel wrote on its own terminal. */
  terminal = "";
  /** What the kernel asked on the stdin channel. */
  readonly asked: Received[] = [];
  private readonly replies = new Map<string, (message: Received) => void>();
  private readonly listeners = new Set<() => void>();
  readonly exited: Promise<number | null>;

  private constructor(
    readonly process: ChildProcess,
    private readonly folder: string,
    private readonly key: string,
    private readonly address: Address,
    private readonly sockets: ClientSockets,
  ) {
    this.exited = new Promise((resolve) => process.on("exit", (code) => resolve(code)));
    for (const stream of [process.stderr!, process.stdout!]) {
      stream.on("data", (chunk) => {
        this.terminal += String(chunk);
        this.changed();
      });
    }
    for (const name of ["shell", "control", "stdin", "iopub"] as const) void this.listen(sockets[name]);
  }

  /** Starts a kernel and waits until it answers. */
  static async start({
    transport = "tcp",
    cwd = projectRoot,
    key = randomUUID(),
    env = {},
    flags = [],
    node = process.execPath,
    warm = false,
    launched = true,
  }: StartOptions = {}): Promise<KernelClient> {
    if (!existsSync(kernelMain)) throw new Error(`${kernelMain} is missing: run npx tsc -b kernel-setup`);
    const folder = mkdtempSync(path.join(tmpdir(), "vitrine-kernel-"));
    const ip = transport === "ipc" ? path.join(folder, "k") : "127.0.0.1";
    const ports = transport === "ipc" ? [1, 2, 3, 4, 5] : await freePorts(channels.length);
    const connection: Content = { transport, ip, key, signature_scheme: "hmac-sha256", kernel_name: "vitrine" };
    channels.forEach((name, i) => {
      connection[`${name}_port`] = ports[i];
    });
    const file = path.join(folder, "connection.json");
    writeFileSync(file, JSON.stringify(connection));
    // As under Jupyter: the kernel ends when we do, and stdin is a pipe that stays open, for which a cell that reads it
    // must not wait.
    const [program, ...args] = kernelCommand(node, flags, launched);
    const process_ = spawn(program, [...args, file], {
      cwd,
      env: { ...process.env, JPY_PARENT_PID: String(process.pid), ...env },
      stdio: "pipe",
    });
    const address = { connection, session: randomUUID() };
    const client = new KernelClient(process_, folder, key, address, connectTo(address));
    try {
      await client.ready();
      if (warm)
        await client.reply(client.send("shell", "execute_request", executeContent("0", { silent: true })), 60_000);
    } catch (error) {
      await client.kill();
      throw new Error(`${(error as Error).message}; the kernel said: ${client.terminal}`, { cause: error });
    }
    return client;
  }

  /** Another front end of the same kernel; `session`: it comes back under that name. */
  async another({ session = randomUUID() }: { session?: string } = {}): Promise<KernelClient> {
    const address = { ...this.address, session };
    const client = new KernelClient(this.process, this.folder, this.key, address, connectTo(address));
    await client.ready();
    return client;
  }

  /** The front end is gone without a word; the kernel stays. */
  vanish(): void {
    for (const socket of Object.values(this.sockets) as { close(): void }[]) socket.close();
  }

  get session(): string {
    return this.address.session;
  }

  /** kernel_info until the reply and its idle status both arrive: a subscription takes effect late. */
  private async ready(): Promise<void> {
    for (let attempt = 0; attempt < 60; attempt++) {
      const id = this.send("shell", "kernel_info_request", {});
      try {
        await this.until(() => this.isIdle(id), 500, "ready");
        return;
      } catch (error) {
        if (attempt === 59) throw error;
      }
    }
  }

  isIdle(id: string): boolean {
    return this.published.some(
      (message) =>
        message.type === "status" && message.content.execution_state === "idle" && message.parent.msg_id === id,
    );
  }

  /** Sends a request; its msg_id. */
  send(
    channel: Channel,
    type: string,
    content: Content,
    { parent = {}, buffers = [], metadata = {} }: { parent?: Content; buffers?: Buffer[]; metadata?: Content } = {},
  ): string {
    const id = randomUUID();
    void this.sockets[channel].send([...this.frames(type, content, id, this.key, parent, metadata), ...buffers]);
    return id;
  }

  /** The signed frames of a message. */
  frames(
    type: string,
    content: Content,
    id: string,
    key = this.key,
    parent: Content = {},
    metadata: Content = {},
  ): string[] {
    const header = {
      msg_id: id,
      msg_type: type,
      session: this.session,
      username: "test",
      date: new Date().toISOString(),
      version: "5.3",
    };
    const parts = [header, parent, metadata, content].map((part) => JSON.stringify(part));
    const signature = key
      ? parts.reduce((hash, part) => hash.update(part), createHmac("sha256", key)).digest("hex")
      : "";
    return ["<IDS|MSG>", signature, ...parts];
  }

  sendFrames(frames: (string | Buffer)[], channel: Channel = "shell"): Promise<void> {
    return this.sockets[channel].send(frames);
  }

  /** The reply to a request that was sent. */
  reply(id: string, timeout = 60_000): Promise<Received> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no reply within ${timeout} ms; the kernel said: ${this.terminal}`)),
        timeout,
      );
      this.replies.set(id, (message) => {
        clearTimeout(timer);
        resolve(message);
      });
    });
  }

  request(channel: Channel, type: string, content: Content = {}): Promise<Received> {
    return this.reply(this.send(channel, type, content));
  }

  /**
   * Runs a cell; resolves when its reply and its idle status are in.
   * @param metadata what JupyterLab tells of the notebook's cells, for instance `cellId`
   */
  async execute(code: string, options: Content = {}, metadata: Content = {}): Promise<CellOutcome> {
    const id = this.send("shell", "execute_request", executeContent(code, options), { metadata });
    return this.outcome(id, (await this.reply(id)).content);
  }

  async outcome(id: string, reply: Content): Promise<CellOutcome> {
    await this.until(() => this.isIdle(id), 5000, "idle");
    const outputs = this.published.filter(
      (message) => message.parent.msg_id === id && !["status", "execute_input"].includes(message.type),
    );
    const stream = (name: string): string =>
      plain(
        outputs
          .filter((each) => each.type === "stream" && each.content.name === name)
          .map((each) => each.content.text)
          .join(""),
      );
    return {
      reply: withoutColours(reply),
      outputs,
      stdout: stream("stdout"),
      stderr: stream("stderr"),
      result: outputs.find((each) => each.type === "execute_result")?.content.data["text/plain"],
      error: withoutColours(outputs.find((each) => each.type === "error")?.content),
    };
  }

  /** Waits until something that was published, asked or written on the terminal makes the condition true. */
  until(condition: () => boolean, timeout: number, what: string): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (condition()) {
          done();
          resolve();
        }
      };
      const timer = setTimeout(() => {
        done();
        reject(new Error(`not ${what} within ${timeout} ms`));
      }, timeout);
      const done = (): void => {
        clearTimeout(timer);
        this.listeners.delete(check);
      };
      this.listeners.add(check);
    });
  }

  interrupt(): Promise<Received> {
    return this.request("control", "interrupt_request");
  }

  async heartbeat(): Promise<string> {
    await this.sockets.hb.send("ping");
    return String((await this.sockets.hb.receive())[0]);
  }

  async shutdown(restart = false): Promise<Received> {
    const reply = await this.request("control", "shutdown_request", { restart });
    await this.exited;
    this.close();
    return reply;
  }

  async kill(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill(process.platform === "win32" ? "SIGKILL" : "SIGTERM");
      await this.exited;
    }
    this.close();
  }

  private changed(): void {
    for (const listener of [...this.listeners]) listener();
  }

  private close(): void {
    this.vanish();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async listen(socket: Dealer | Subscriber): Promise<void> {
    for await (const frames of socket) {
      const at = frames.findIndex((frame) => String(frame) === "<IDS|MSG>");
      const parts = frames.slice(at + 2, at + 6).map(String);
      if (this.key) {
        const wanted = parts.reduce((hash, part) => hash.update(part), createHmac("sha256", this.key)).digest("hex");
        if (String(frames[at + 1]) !== wanted) throw new Error("the kernel signed a message wrongly");
      }
      const [header, parent, metadata, content] = parts.map((part) => JSON.parse(part) as Content);
      const message = {
        type: header.msg_type as string,
        header,
        parent,
        metadata,
        content,
        buffers: frames.slice(at + 6),
      };
      if (socket instanceof Subscriber || socket === this.sockets.stdin) {
        (socket instanceof Subscriber ? this.published : this.asked).push(message);
        this.changed();
      } else {
        this.replies.get(parent.msg_id)?.(message);
        this.replies.delete(parent.msg_id);
      }
    }
  }
}

function withoutColours<T extends Content | undefined>(content: T): T {
  return content?.traceback ? { ...content, traceback: content.traceback.map(plain) } : content;
}

export function executeContent(code: string, options: Content = {}): Content {
  return {
    code,
    silent: false,
    store_history: true,
    user_expressions: {},
    allow_stdin: false,
    stop_on_error: true,
    ...options,
  };
}

function connectTo({ connection, session }: Address): ClientSockets {
  // Shell and stdin have the same name, or the kernel could not ask whoever sent the cell.
  const options = { linger: 0, receiveHighWaterMark: 0, routingId: session };
  const sockets: ClientSockets = {
    shell: new Dealer(options),
    control: new Dealer(options),
    stdin: new Dealer(options),
    iopub: new Subscriber({ linger: 0, receiveHighWaterMark: 0 }),
    hb: new Request({ linger: 0 }),
  };
  for (const name of channels) {
    const port = connection[`${name}_port`] as number;
    sockets[name].connect(
      connection.transport === "ipc" ? `ipc://${connection.ip}-${port}` : `tcp://${connection.ip}:${port}`,
    );
  }
  sockets.iopub.subscribe("");
  return sockets;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer();
          server.listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
