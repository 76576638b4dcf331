// Jupyter's debug requests: what a front end wants, in terms of V8's inspector.
import type { Debugger as V8 } from "inspector";
import * as path from "path";
import { log } from "../shared/log";
import { DEBUGGING } from "../shared/protocol";
import type { Shown } from "./agent";
import { Breakpoints } from "./breakpoints";
import { CAPABILITIES, GLOBALS, THREAD, type Answer, type Request, type Variable, type WantedBreakpoint } from "./dap";
import { argument, Inspector } from "./inspector";
import { naming, Scripts } from "./scripts";
import { Stepper } from "./stepper";
import { variablesOf } from "./stop";

type Content = Record<string, unknown>;
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** Answers `debug_request`. Until a front end sends `initialize` there is no debugger, and nothing is slower for it. */
export class Debugger {
  private readonly inspector: Inspector;
  private readonly scripts: Scripts;
  private readonly breakpoints: Breakpoints;
  private readonly stepper: Stepper;
  private started = false;
  /** JupyterLab: it shows a variable's type in the place of its value, and a text without its line breaks. */
  private isLab = false;
  private queue: Promise<unknown> = Promise.resolve();
  private seq = 0;

  constructor(
    private readonly shared: Int32Array,
    /** Resolves when the main thread has its half of the debugger. */
    private readonly ready: Promise<void>,
    private readonly publish: (event: Content) => void,
    /** Lets the cell of that name run, which waits for its breakpoints; without a name whichever waits. */
    private readonly go: (name?: string) => void,
    /** Has the main thread call some function. */
    nudge: () => Promise<void>,
  ) {
    const events = {
      parsed: (script: V8.ScriptParsedEventDataType) => this.parsed(script),
      paused: (stop: V8.PausedEventDataType) => void this.stepper.paused(stop),
    };
    this.inspector = new Inspector(events, nudge);
    this.scripts = new Scripts(this.inspector);
    this.breakpoints = new Breakpoints(this.inspector, this.scripts);
    this.stepper = new Stepper(this.inspector, this.scripts, this.breakpoints, (event, body) => this.tell(event, body));
  }

  /** Answers one request after the other. */
  request(content: Content): Promise<Content> {
    // A value may take its time to show itself, and stop at a breakpoint while it does.
    if (content.command === "richInspectVariables") return this.answer(content);
    const answer = this.queue.then(() => this.answer(content));
    this.queue = answer;
    return answer;
  }

  /** A cell of that name is about to run: its breakpoints are set first. */
  async prepare(name: string): Promise<void> {
    try {
      await this.scripts.update();
      const script = this.scripts.named(name);
      if (script) await this.breakpoints.apply(script);
      this.stepper.cellBegins();
    } catch (error) {
      log(`breakpoints were not set: ${(error as Error).message}`);
    } finally {
      this.go(name);
    }
  }

  /** Ends what stands at a breakpoint, as an interrupt ends what runs. False: nothing stands. */
  endStop(): Promise<boolean> {
    return this.stepper.end();
  }

  /** V8 stands, be it only for a moment. */
  get stands(): boolean {
    return this.stepper.stands;
  }

  close(): void {
    this.stepper.abandon();
    this.inspector.close();
  }

  private async answer(content: Content): Promise<Content> {
    const request: Request = {
      seq: Number(content.seq ?? 0),
      command: String(content.command),
      arguments: (content.arguments ?? {}) as Content,
    };
    let answer: Answer;
    try {
      answer = await this.perform(request);
    } catch (error) {
      answer = { failed: (error as Error).message };
    }
    const { command, seq } = request;
    const reply = { type: "response", seq: ++this.seq, request_seq: seq, command };
    return "failed" in answer
      ? { ...reply, success: false, message: answer.failed, body: {} }
      : { ...reply, success: true, body: answer.body ?? {} };
  }

  private async perform({ command, arguments: given }: Request): Promise<Answer> {
    if (command === "debugInfo") return { body: this.info() };
    await this.ready;
    switch (command) {
      case "initialize":
        return this.start(given);
      case "inspectVariables":
        if (!this.stepper.stop) await this.inspector.agent("forget");
        return { body: { variables: await this.variables(GLOBALS, given) } };
      case "variables":
        return { body: { variables: await this.variables(Number(given.variablesReference), given) } };
      case "richInspectVariables":
        return this.richVariable(given);
      case "modules":
        return { body: await this.modules(given) };
      case "dumpCell":
        return { body: { sourcePath: this.scripts.keep(String(given.code)) } };
      case "source":
        return this.source(given.source as { path?: string } | undefined);
      case "evaluate":
        return { body: await this.evaluate(given) };
      case "disconnect":
      case "terminate":
        await this.end();
        if (command === "terminate") this.tell("terminated", {});
        return {};
    }
    if (!this.started) return { failed: `${command}: the debugger is not started; send initialize first` };
    return this.performStarted(command, given);
  }

  private async performStarted(command: string, given: Content): Promise<Answer> {
    switch (command) {
      case "attach":
        this.tell("initialized", {});
        return {};
      case "configurationDone":
        return {};
      case "setBreakpoints": {
        const { path: file = "" } = given.source as { path?: string };
        const wanted = (given.breakpoints ?? []) as WantedBreakpoint[];
        return { body: { breakpoints: await this.breakpoints.replace(file, wanted) } };
      }
      case "setExceptionBreakpoints":
        await this.stepper.stopOn((given.filters ?? []) as string[]);
        return {};
      case "threads":
        return { body: { threads: [{ id: THREAD, name: "notebook" }] } };
      case "pause":
        await this.stepper.pause();
        return {};
    }
    const { stop } = this.stepper;
    if (!stop) {
      const known = /^(stackTrace|scopes|continue|next|stepIn|stepOut|copyToGlobals)$/.test(command);
      return { failed: known ? `${command}: the program does not stand still` : `${command} is not supported` };
    }
    switch (command) {
      case "stackTrace": {
        const frames = stop.stack(this.scripts);
        const { startFrame = 0, levels = 0 } = given as { startFrame?: number; levels?: number };
        const part = frames.slice(startFrame, levels > 0 ? startFrame + levels : undefined);
        return { body: { stackFrames: part, totalFrames: frames.length } };
      }
      case "scopes":
        return { body: { scopes: stop.scopes(Number(given.frameId)) } };
      case "continue":
        await this.stepper.resume();
        return { body: { allThreadsContinued: true } };
      case "next":
        await this.stepper.step("stepOver");
        return {};
      case "stepIn":
        await this.stepper.step("stepInto");
        return {};
      case "stepOut":
        await this.stepper.step("stepOut");
        return {};
      case "copyToGlobals": {
        const [from, to] = [String(given.srcVariableName), String(given.dstVariableName)];
        if (![from, to].every((name) => IDENTIFIER.test(name)))
          return { failed: `copyToGlobals: srcVariableName and dstVariableName must be names, got ${from} and ${to}` };
        const value = await stop.evaluate(from, Number(given.srcFrameId ?? 1));
        await this.inspector.agentOn("copy", [{ value: to }, argument(value)]);
        return {};
      }
    }
    return { failed: `${command} is not supported` };
  }

  private info(): Content {
    return {
      isStarted: this.started,
      ...naming,
      breakpoints: this.breakpoints.list(),
      stoppedThreads: this.stepper.stop ? [THREAD] : [],
      richRendering: true,
      exceptionPaths: [],
      copyToGlobals: true,
    };
  }

  private async start({ clientID }: Content): Promise<Answer> {
    this.isLab = typeof clientID === "string" && clientID.startsWith("jupyterlab");
    if (!this.started) {
      await this.inspector.ask("Debugger.enable");
      await this.inspector.discardQuickCode();
      this.started = true;
      Atomics.store(this.shared, DEBUGGING, 1);
      await this.scripts.update();
    }
    return { body: CAPABILITIES };
  }

  private async end(): Promise<void> {
    if (!this.started) return;
    this.started = false;
    Atomics.store(this.shared, DEBUGGING, 0);
    // Or the cell would stop at its next breakpoint before V8 hears of the end.
    await this.inspector.ask("Debugger.setSkipAllPauses", { skip: true });
    await this.stepper.resume();
    await this.inspector.ask("Debugger.disable");
    this.inspector.allowQuickCode();
    this.stepper.forget();
    await this.inspector.agent("forget");
    this.breakpoints.forget();
    this.scripts.forget();
    // A cell that was waiting.
    this.go();
  }

  private parsed(script: V8.ScriptParsedEventDataType): void {
    // Our own questions are scripts without a name.
    if (script.url) this.scripts.parsed(script);
  }

  private async variables(reference: number, given: Content): Promise<Variable[]> {
    const { stop } = this.stepper;
    const all = await (stop ? stop.variables(reference) : variablesOf(this.inspector, reference));
    const { start = 0, count = 0 } = given as { start?: number; count?: number };
    return all.slice(start, count > 0 ? start + count : undefined).map((each) => this.fitting(each));
  }

  private fitting({ type, ...shown }: Shown): Variable {
    return this.isLab ? shown : { ...shown, type };
  }

  private async evaluate(given: Content): Promise<Content> {
    const text = String(given.expression);
    const { stop } = this.stepper;
    const frame = given.frameId === undefined ? undefined : Number(given.frameId);
    const { value, type, variablesReference } = stop
      ? await this.inspector.agentOn<Shown>("show", [argument(await stop.evaluate(text, frame))])
      : await this.inspector.agent<Shown>("evaluate", text);
    return { result: value, type, variablesReference };
  }

  private async richVariable({ variableName: name, frameId }: Content): Promise<Answer> {
    if (typeof name !== "string" || !IDENTIFIER.test(name))
      return { failed: `richInspectVariables: variableName must be a variable's name, got ${String(name)}` };
    const { stop } = this.stepper;
    const data: Content = stop
      ? await this.inspector.agentOn("full", [argument(await stop.evaluate(name, frameId as number | undefined))])
      : await this.inspector.agentLater("rich", name);
    const { "text/plain": text, ...others } = data;
    if (this.isLab && typeof text === "string" && Object.keys(others).length === 0)
      data["text/html"] = `<pre style="white-space: pre">${text.replace(/&/g, "&amp;").replace(/</g, "&lt;")}</pre>`;
    return { body: { data, metadata: {} } };
  }

  private async modules({ startModule = 0, moduleCount = 0 }: Content): Promise<Content> {
    const files = await this.inspector.agent<string[]>("modules");
    const all = files.map((file, id) => ({ id, name: fileName(file), path: file }));
    const start = Number(startModule);
    return {
      modules: all.slice(start, Number(moduleCount) > 0 ? start + Number(moduleCount) : undefined),
      totalModules: all.length,
    };
  }

  private source({ path: file = "" }: { path?: string } = {}): Answer {
    const content = this.scripts.text(file);
    if (content === undefined) return { failed: `source: there is no text for ${file || "no path"}` };
    return { body: /\.[cm]?tsx?$/.test(file) ? { content, mimeType: "text/typescript" } : { content } };
  }

  private tell(event: string, body: Content): void {
    this.publish({ type: "event", seq: ++this.seq, event, body });
  }
}

/** A package's file as it would be imported, another by its last name. */
function fileName(file: string): string {
  const packaged = /^.*[\\/]node_modules[\\/](.+)$/.exec(file);
  return packaged ? packaged[1].replace(/\\/g, "/") : path.basename(file);
}
