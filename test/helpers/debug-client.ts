import { executeContent, type Content, type KernelClient, type Received } from "./jupyter-client";

/** A cell that was sent and not answered yet. */
export interface Sent {
  id: string;
  reply: Promise<Received>;
}

/** A front end's debugger, as it speaks with a kernel over Jupyter's protocol. */
export class DebugClient {
  private seq = 0;
  private seen = 0;

  constructor(readonly kernel: KernelClient) {
    this.seen = this.events.length;
  }

  /** All debug events so far. */
  get events(): Content[] {
    return this.kernel.published.filter(({ type }) => type === "debug_event").map(({ content }) => content);
  }

  /** The reply to a debug request, whatever it says. */
  async ask(command: string, given: Content = {}): Promise<Content> {
    const request = { type: "request", seq: ++this.seq, command, arguments: given };
    return (await this.kernel.request("control", "debug_request", request)).content;
  }

  /** The body of a reply. @throws Error with the kernel's words */
  async get(command: string, given: Content = {}): Promise<Content> {
    const reply = await this.ask(command, given);
    if (!reply.success) throw new Error(`${command}: ${reply.message}`);
    return reply.body;
  }

  async attach(clientID = "test"): Promise<void> {
    await this.get("initialize", { clientID });
    await this.get("attach");
  }

  /** Sets a cell's breakpoints. @returns the lines that they came to be on */
  async breakAt(code: string, ...breakpoints: (number | Content)[]): Promise<number[]> {
    const { sourcePath } = await this.get("dumpCell", { code });
    return this.breakIn(sourcePath, ...breakpoints);
  }

  async breakIn(path: string, ...breakpoints: (number | Content)[]): Promise<number[]> {
    const wanted = breakpoints.map((each) => (typeof each === "number" ? { line: each } : each));
    const { breakpoints: set } = await this.get("setBreakpoints", { source: { path }, breakpoints: wanted });
    return set.map(({ line }: Content) => line);
  }

  run(code: string): Sent {
    const id = this.kernel.send("shell", "execute_request", executeContent(code));
    return { id, reply: this.kernel.reply(id) };
  }

  /** Waits for the next stop. @returns why it stopped */
  async stopped(): Promise<string> {
    const next = (): Content | undefined => this.events.slice(this.seen).find(({ event }) => event === "stopped");
    await this.kernel.until(() => next() !== undefined, 10_000, "stopped");
    const found = next()!;
    this.seen = this.events.indexOf(found) + 1;
    return found.body.reason;
  }

  /** The stack, innermost first: `name:line`. */
  async stack(): Promise<string[]> {
    const { stackFrames } = await this.get("stackTrace", { threadId: 1 });
    return stackFrames.map(({ name, line }: Content) => `${name}:${line}`);
  }

  async step(command: "next" | "stepIn" | "stepOut" | "continue"): Promise<string[]> {
    await this.get(command, { threadId: 1 });
    await this.stopped();
    return this.stack();
  }

  /** The values of a frame's scope by their names. */
  async scope(name: string, frame = 0): Promise<Record<string, string>> {
    const { scopes } = await this.get("scopes", { frameId: await this.frame(frame) });
    const found = scopes.find((each: Content) => each.name.startsWith(name));
    if (!found) throw new Error(`frame ${frame} has no ${name}, only ${scopes.map((each: Content) => each.name)}`);
    return valuesOf((await this.get("variables", found)).variables);
  }

  /** The number of a frame; 0 is the innermost. */
  async frame(index: number): Promise<number> {
    return (await this.get("stackTrace", { threadId: 1 })).stackFrames[index].id;
  }

  /** @param frame default: none, the notebook's variables */
  async evaluate(expression: string, frame?: number): Promise<string> {
    const frameId = frame === undefined ? undefined : await this.frame(frame);
    return (await this.get("evaluate", { expression, frameId })).result;
  }
}

export const valuesOf = (variables: Content[]): Record<string, string> =>
  Object.fromEntries(variables.map(({ name, value }) => [name, value]));
