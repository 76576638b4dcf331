// V8's inspector of the main thread, asked from this one.
import { Session, type Debugger, type Runtime } from "inspector";

/** What a name stands for on the main thread, for the agent's functions. */
type Argument = Runtime.CallArgument;

/** The agent of the main thread: what it offers, see `agent.ts`. */
const AGENT = 'globalThis[Symbol.for("vitrine.debugger")]';
/** V8 hears of nothing else, not of an interrupt either, while it evaluates what somebody typed. */
const PATIENCE_MS = 3000;

/**
 * A session with the main thread. V8 answers while that thread is in a loop or stands at a breakpoint, and calls
 * functions there in between.
 */
export class Inspector {
  private session: Session | null = null;
  private agentId: Promise<string> | null = null;

  constructor(
    private readonly events: {
      parsed(script: Debugger.ScriptParsedEventDataType): void;
      paused(stop: Debugger.PausedEventDataType): void;
    },
  ) {}

  ask<T = object>(method: string, params: object = {}): Promise<T> {
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
    const { result, exceptionDetails } = await this.ask<Runtime.EvaluateReturnType>("Runtime.evaluate", {
      expression: `${AGENT}.${name}(${given})`,
      returnByValue: true,
      awaitPromise,
      disableBreaks: true,
      silent: true,
    });
    if (exceptionDetails) throw new Error(messageOf(exceptionDetails));
    return result.value as T;
  }

  /** The same with values of the main thread, while that stands: then nothing stops in it either. */
  async agentOn<T>(name: string, values: Argument[]): Promise<T> {
    const { result, exceptionDetails } = await this.ask<Runtime.CallFunctionOnReturnType>("Runtime.callFunctionOn", {
      objectId: await (this.agentId ??= this.find()),
      functionDeclaration: `function (...all) { return this.${name}(...all); }`,
      arguments: values,
      returnByValue: true,
      silent: true,
    });
    if (exceptionDetails) throw new Error(messageOf(exceptionDetails));
    return result.value as T;
  }

  /** Evaluates JavaScript in a frame of the stack. @throws Error in the words of what was thrown */
  async evaluate(expression: string, callFrameId: string): Promise<Runtime.RemoteObject> {
    const { result, exceptionDetails } = await this.ask<Debugger.EvaluateOnCallFrameReturnType>(
      "Debugger.evaluateOnCallFrame",
      { expression, callFrameId, silent: true, timeout: PATIENCE_MS },
    );
    if (exceptionDetails) throw new Error(messageOf(exceptionDetails));
    return result;
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
    session.on("Debugger.paused", ({ params }) => this.events.paused(params));
    return session;
  }

  private async find(): Promise<string> {
    const { result } = await this.ask<Runtime.EvaluateReturnType>("Runtime.evaluate", { expression: AGENT });
    if (!result.objectId) throw new Error("the kernel's main thread is not ready for a debugger");
    return result.objectId;
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
