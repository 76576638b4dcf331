// V8's inspector of the main thread, asked from this one.
import { Session, type Debugger, type Runtime } from "inspector";
import { setFlagsFromString } from "v8";

/** What a name stands for on the main thread, for the agent's functions. */
type Argument = Runtime.CallArgument;

/** The agent of the main thread: what it offers, see `agent.ts`. */
const AGENT = 'globalThis[Symbol.for("vitrine.debugger")]';
/** V8 hears of nothing else, not of an interrupt either, while it evaluates what somebody typed. */
const PATIENCE_MS = 3000;
/** So long a main thread that is idle may take to stop where it was told to. */
const CALM_MS = 3000;
/** After these V8 stops at the next function that is called, whatever that is. */
const ARMS = /^Debugger\.(pause|stepInto)$/;

/**
 * A session with the main thread. V8 answers while that thread is in a loop or stands at a breakpoint, and calls
 * functions there in between.
 */
export class Inspector {
  private session: Session | null = null;
  private agentId: Promise<string> | null = null;
  /** V8 was told to stop at the next function, and has not stopped yet. */
  private armed = false;
  /** So many questions wait until V8 has stopped. */
  private asking = 0;
  private readonly stops = new Set<() => void>();

  /** @param nudge has the main thread call some function; resolves when it did, which may be never */
  constructor(
    private readonly events: {
      parsed(script: Debugger.ScriptParsedEventDataType): void;
      paused(stop: Debugger.PausedEventDataType): void;
    },
    private readonly nudge: () => Promise<void>,
  ) {}

  ask<T = object>(method: string, params: object = {}): Promise<T> {
    if (ARMS.test(method)) this.armed = true;
    if (method === "Debugger.disable") this.armed = false;
    return new Promise((resolve, reject) => {
      this.connected().post(method, params, (error: Error | null, result?: object) => {
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result as T);
      });
    });
  }

  /**
   * Calls a function of the agent with values that JSON can carry, and returns what it returned, likewise. Nothing
   * stops in it: whoever stops while V8 performs a request cannot be told to go on.
   */
  agent<T>(name: string, ...values: unknown[]): Promise<T> {
    return this.call(name, values, false);
  }

  /** The same, and waits for the promise that it returned: none is kept while the main thread stands. */
  agentLater<T>(name: string, ...values: unknown[]): Promise<T> {
    return this.call(name, values, true);
  }

  private async call<T>(name: string, values: unknown[], awaitPromise: boolean): Promise<T> {
    const given = values.map((value) => JSON.stringify(value)).join(", ");
    const { result, exceptionDetails } = await this.evaluate(`${AGENT}.${name}(${given})`, {
      returnByValue: true,
      awaitPromise,
    });
    if (exceptionDetails) throw new Error(messageOf(exceptionDetails));
    return result.value as T;
  }

  /**
   * The same with values of the main thread, while that stands. If an interrupt has just ended that stop, nothing stops
   * in it all the same: V8 takes these requests one right after the other.
   */
  async agentOn<T>(name: string, values: Argument[]): Promise<T> {
    const objectId = await (this.agentId ??= this.find());
    const [, { result, exceptionDetails }] = await Promise.all([
      this.ask("Debugger.setSkipAllPauses", { skip: true }),
      this.ask<Runtime.CallFunctionOnReturnType>("Runtime.callFunctionOn", {
        objectId,
        functionDeclaration: `function (...all) { return this.${name}(...all); }`,
        arguments: values,
        returnByValue: true,
        silent: true,
      }),
      this.ask("Debugger.setSkipAllPauses", { skip: false }),
    ]);
    if (exceptionDetails) throw new Error(messageOf(exceptionDetails));
    return result.value as T;
  }

  /** Evaluates JavaScript in a frame of the stack. @throws Error in the words of what was thrown */
  async evaluateIn(expression: string, callFrameId: string): Promise<Runtime.RemoteObject> {
    const { result, exceptionDetails } = await this.ask<Debugger.EvaluateOnCallFrameReturnType>(
      "Debugger.evaluateOnCallFrame",
      { expression, callFrameId, silent: true, timeout: PATIENCE_MS },
    );
    if (exceptionDetails) throw new Error(messageOf(exceptionDetails));
    return result;
  }

  /**
   * A function that V8 may have to stop in loses its code of the quick compiler (Sparkplug), and each time V8 walks
   * through the whole heap: tenths of a second for each function that is called while a step or `pause` is under way.
   * So there is no such code while somebody debugs.
   */
  async discardQuickCode(): Promise<void> {
    setFlagsFromString("--no-sparkplug");
    // V8 drops the code of all functions at once where one is to stop that is its own.
    const { result } = await this.evaluate("Math.atanh");
    const { objectId } = result;
    const { breakpointId } = await this.ask<{ breakpointId: string }>("Debugger.setBreakpointOnFunctionCall", {
      objectId,
    });
    await this.ask("Debugger.removeBreakpoint", { breakpointId });
  }

  /** Nobody debugs any more. */
  allowQuickCode(): void {
    setFlagsFromString("--sparkplug");
  }

  /** Stops at the next function that is called, unless something is being asked for. */
  async pause(): Promise<void> {
    if (this.asking === 0) await this.ask("Debugger.pause");
  }

  close(): void {
    this.session?.disconnect();
    this.session = this.agentId = null;
  }

  private connected(): Session {
    if (this.session) return this.session;
    const session = (this.session = new Session());
    session.connectToMainThread();
    session.on("Debugger.scriptParsed", ({ params }) => this.events.parsed(params));
    session.on("Debugger.paused", ({ params }) => {
      this.armed = false;
      for (const stopped of this.stops) stopped();
      this.events.paused(params);
    });
    return session;
  }

  /**
   * V8 that is to stop at the next function prepares each one that is called for that, also where it must not stop;
   * what we ask would take seconds, or minutes. So an idle main thread is made to stop first.
   */
  private async calm(): Promise<void> {
    if (!this.armed) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.stops.delete(done);
        // Whoever has called functions, or has had so long for it, is not going to stop any more.
        this.armed = false;
        resolve();
      };
      const timer = setTimeout(done, CALM_MS);
      this.stops.add(done);
      void this.nudge().then(done);
    });
  }

  private async find(): Promise<string> {
    const { result } = await this.evaluate(AGENT);
    if (!result.objectId) throw new Error("the kernel's main thread is not ready for a debugger");
    return result.objectId;
  }

  private async evaluate(expression: string, how: object = {}): Promise<Runtime.EvaluateReturnType> {
    this.asking++;
    try {
      await this.calm();
    } finally {
      this.asking--;
    }
    // V8 performs in order what it is asked.
    return this.ask("Runtime.evaluate", { expression, disableBreaks: true, silent: true, ...how });
  }
}

/** What is asked for on the main thread, to be named there again. */
export function argument(value: Runtime.RemoteObject): Argument {
  if (value.objectId) return { objectId: value.objectId };
  return value.unserializableValue
    ? { unserializableValue: value.unserializableValue }
    : { value: value.value as unknown };
}

/** The first line of what was thrown. */
function messageOf({ exception, text }: Runtime.ExceptionDetails): string {
  return (exception?.description ?? String(exception?.value ?? text)).split("\n")[0];
}
