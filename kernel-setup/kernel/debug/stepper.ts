// From one stop to the next: which of V8's pauses are stops for the student, and how steps go on.
import type { Debugger } from "inspector";
import { log } from "../shared/log";
import type { Breakpoints } from "./breakpoints";
import { THREAD } from "./dap";
import type { Inspector } from "./inspector";
import type { Scripts } from "./scripts";
import { Stop } from "./stop";

export type Step = "stepOver" | "stepInto" | "stepOut";

interface Going {
  how: Step;
  /** Where the step began. */
  from: string;
  steps: number;
  /** Steps in libraries, on the way to a function of the student's that they call. */
  abroad: number;
}

/** A line's loop may take many of V8's steps. */
const MOST_STEPS = 2000;
const MOST_ABROAD = 80;
const PAUSE_AGAIN_MS = 50;

/** Keeps track of whether the program stands, and moves it. */
export class Stepper {
  /** Where it stands; none while it runs. */
  stop: Stop | null = null;
  private going: Going | null = null;
  /** V8 stands, be it only for a moment. */
  private standing = false;
  /** Code of the student's is on the stack where it stands. */
  private inOwn = false;
  private pausing = false;
  private filters: readonly string[] = [];

  constructor(
    private readonly inspector: Inspector,
    private readonly scripts: Scripts,
    private readonly breakpoints: Breakpoints,
    private readonly tell: (event: string, body: Record<string, unknown>) => void,
  ) {}

  get stands(): boolean {
    return this.standing;
  }

  /** V8 stands. */
  async paused(event: Debugger.PausedEventDataType): Promise<void> {
    this.standing = true;
    this.inOwn = event.callFrames.some(({ location }) => this.scripts.get(location.scriptId)?.own);
    try {
      if (event.reason === "instrumentation") {
        const script = this.scripts.get(String((event.data as { scriptId?: string } | undefined)?.scriptId));
        if (script?.own) await this.breakpoints.apply(script);
        return await this.move(this.going?.how ?? "resume");
      }
      const stop = await Stop.at(this.inspector, this.scripts, event);
      const on = await this.judge(stop);
      // It may have been ended in the meantime.
      if (!this.standing) return;
      if (on) return await this.move(on);
      this.stays(stop);
    } catch (error) {
      // It may have been ended in the meantime.
      if (!this.standing) return;
      log(`the debugger failed at a stop: ${(error as Error).message}`);
      await this.move("resume").catch(() => undefined);
    }
  }

  async step(how: Step): Promise<void> {
    const { stop } = this;
    if (!stop) return;
    await this.leave();
    this.going = { how, from: stop.where, steps: 0, abroad: 0 };
    await this.move(how);
  }

  async resume(): Promise<void> {
    this.going = null;
    this.pausing = false;
    if (!this.standing) return;
    await this.leave();
    await this.move("resume");
  }

  /** Ends the code that stands, without its `catch` and `finally`. False: it does not stand. */
  async end(): Promise<boolean> {
    this.going = null;
    this.pausing = false;
    // In the compiler or in Node it stands for a moment only, and must not be cut off.
    if (!this.standing || !this.inOwn) return false;
    this.standing = false;
    await this.leave();
    await this.inspector.ask("Debugger.resume", { terminateOnResume: true });
    return true;
  }

  /** The process ends: what stands is not to run on until it does. */
  abandon(): void {
    if (this.standing && this.inOwn)
      this.inspector.ask("Debugger.resume", { terminateOnResume: true }).catch(() => undefined);
  }

  /** Stops at the next line of the student's that runs. */
  async pause(): Promise<void> {
    if (this.stop) return;
    this.pausing = true;
    await this.askToPause();
  }

  /** V8 forgets it when it finds itself in the compiler or in a library; so it is asked until it stands. */
  private async askToPause(): Promise<void> {
    if (!this.pausing) return;
    if (!this.standing) await this.inspector.pause();
    setTimeout(() => void this.askToPause().catch(() => undefined), PAUSE_AGAIN_MS);
  }

  /** @param filters of `raised` and `uncaught` */
  async stopOn(filters: readonly string[]): Promise<void> {
    this.filters = filters;
    // V8 takes for caught what the kernel catches, which is all; so it is asked to stop at each, and we judge.
    await this.inspector.ask("Debugger.setPauseOnExceptions", { state: filters.length > 0 ? "all" : "none" });
  }

  /** The debugger has ended, and V8 lets everything run. */
  forget(): void {
    this.stop = this.going = null;
    this.standing = this.pausing = false;
    this.filters = [];
  }

  /** A step that went past the end of the last cell is over. */
  cellBegins(): void {
    this.going = null;
  }

  /** How to go on, or nothing if the student is to see this. */
  private async judge(stop: Stop): Promise<Step | "resume" | null> {
    const { reason, hitBreakpoints = [] } = stop.event;
    // A step has left the cell, or `pause` was too early.
    if (!stop.inOwn) return "resume";
    const on = this.going?.how ?? "resume";
    if (reason === "exception" || reason === "promiseRejection") return (await this.wants(stop)) ? null : on;
    const condition = this.breakpoints.conditionOf(hitBreakpoints);
    if (condition !== null) return condition === undefined || (await this.holds(stop, condition)) ? null : on;
    const { going } = this;
    if (going && ++going.steps < MOST_STEPS) {
      if (stop.top.place) return stop.where === going.from ? going.how : null;
      if (stop.top.script?.own) return going.how === "stepOut" ? "stepOver" : going.how;
      return going.how === "stepInto" && ++going.abroad < MOST_ABROAD ? "stepInto" : "stepOut";
    }
    if (this.pausing) return stop.top.place ? null : "stepOut";
    return stop.top.place && (await stop.atStatement()) ? null : "resume";
  }

  private async wants(stop: Stop): Promise<boolean> {
    if (this.filters.includes("raised") && stop.top.place) return true;
    if (!this.filters.includes("uncaught")) return false;
    const frames = stop.own.map(({ script, place }) => ({ file: script!.name, place: place! }));
    return !(await this.inspector.agent<boolean>("caught", frames));
  }

  /** A condition that cannot be evaluated is no reason to run past the breakpoint. */
  private async holds(stop: Stop, condition: string): Promise<boolean> {
    try {
      return (await stop.evaluate(`!!(${condition})`)).value === true;
    } catch {
      return true;
    }
  }

  private stays(stop: Stop): void {
    const { reason, hitBreakpoints = [], data } = stop.event;
    const isException = reason === "exception" || reason === "promiseRejection";
    const why = isException
      ? "exception"
      : hitBreakpoints.length > 0
        ? "breakpoint"
        : this.going
          ? "step"
          : this.pausing
            ? "pause"
            : "breakpoint";
    this.stop = stop;
    this.going = null;
    this.pausing = false;
    const text = isException
      ? { text: String((data as { description?: string }).description ?? "").split("\n")[0] }
      : {};
    this.tell("stopped", { reason: why, threadId: THREAD, allThreadsStopped: true, preserveFocusHint: false, ...text });
  }

  /** What was shown at this stop is over. */
  private async leave(): Promise<void> {
    if (!this.stop) return;
    this.stop = null;
    this.tell("continued", { threadId: THREAD, allThreadsContinued: true });
    await this.inspector.agent("forget");
  }

  private async move(how: Step | "resume"): Promise<void> {
    this.standing = false;
    try {
      await this.inspector.ask(`Debugger.${how}`);
    } catch (error) {
      // Another request, an interrupt or the end of the debugger was quicker.
      if (!(error as Error).message.includes("while paused")) throw error;
    }
  }
}
