// What is seen while the program stands still: frames, their scopes, their variables.
import type { Debugger, Runtime } from "inspector";
import * as path from "path";
import type { Shown } from "./agent";
import { GLOBALS, type Scope, type StackFrame } from "./dap";
import { argument, type Inspector } from "./inspector";
import type { Place } from "./places";
import type { Script, Scripts } from "./scripts";

type CallFrame = Debugger.CallFrame;
type Property = Runtime.PropertyDescriptor;

/** A frame of the stack. */
interface Frame {
  call: CallFrame;
  script?: Script;
  /** Where it is in the student's text; none: not in what the student wrote. */
  place: Place | null;
  /** The cell or file itself, not a function in it. */
  isTop: boolean;
}

/** A frame's own variables, those of the functions around it, and the notebook's. */
const SCOPES_PER_FRAME = 100;
const MACHINERY = /^(exports|require|arguments|module|__filename|__dirname|__\w+|\w+_\d+)$/;

/** One stop of the program. */
export class Stop {
  private constructor(
    private readonly inspector: Inspector,
    private readonly frames: readonly Frame[],
    readonly event: Debugger.PausedEventDataType,
  ) {}

  static async at(inspector: Inspector, scripts: Scripts, event: Debugger.PausedEventDataType): Promise<Stop> {
    const frames = await Promise.all(
      event.callFrames.map(async (call): Promise<Frame> => {
        const { scriptId, lineNumber, columnNumber = 0 } = call.location;
        const script = scripts.get(scriptId);
        const place = script?.own ? (await scripts.places(script, [[lineNumber, columnNumber]]))[0] : null;
        // The kernel wraps a cell into a function that begins on the line before its first.
        return { call, script, place, isTop: (call.functionLocation?.lineNumber ?? 0) < 0 };
      }),
    );
    return new Stop(inspector, frames, event);
  }

  /** The innermost frame. */
  get top(): Frame {
    return this.frames[0];
  }

  /** Is code of the student's on the stack, be it a part that the compiler added? */
  get inOwn(): boolean {
    return this.frames.some(({ script }) => script?.own);
  }

  /** Frames of the student's. */
  get own(): readonly Frame[] {
    return this.frames.filter(({ place }) => place !== null);
  }

  /** Where it stands: two stops at one line of one call are the same to whoever steps. */
  get where(): string {
    const { call, script, place } = this.top;
    return `${this.frames.length} ${script?.name} ${call.functionLocation?.lineNumber} ${place?.[0]}`;
  }

  /** Does it stand at the word `debugger`? */
  async atStatement(): Promise<boolean> {
    const { scriptId, lineNumber, columnNumber = 0 } = this.top.call.location;
    const { scriptSource } = await this.inspector.ask<Debugger.GetScriptSourceReturnType>("Debugger.getScriptSource", {
      scriptId,
    });
    // A cell's first line is the kernel's, and counts as line -1.
    const line = scriptSource.split("\n")[lineNumber + (this.top.script?.own ? 1 : 0)] ?? "";
    return line.startsWith("debugger", columnNumber);
  }

  /** The student's frames, and after them those of libraries; none of Node's and of the kernel's. */
  stack(scripts: Scripts): StackFrame[] {
    const listed = this.frames.flatMap((frame, i): StackFrame[] => {
      const { call, script, place, isTop } = frame;
      // JupyterLab takes 0 for none.
      const id = i + 1;
      if (!script) return [];
      if (place) {
        const file = scripts.pathOf(script);
        const name = isTop ? (script.isCell ? script.name : path.basename(file)) : call.functionName || "(anonymous)";
        return [{ id, name, line: place[0], column: place[1], source: { name: path.basename(file), path: file } }];
      }
      if (!/[\\/]node_modules[\\/]/.test(script.name)) return [];
      return [
        {
          id,
          name: call.functionName || "(anonymous)",
          line: call.location.lineNumber + 1,
          column: (call.location.columnNumber ?? 0) + 1,
          source: { name: path.basename(script.name), path: script.name },
          presentationHint: "subtle",
        },
      ];
    });
    return listed.sort((a, b) => Number(a.presentationHint === "subtle") - Number(b.presentationHint === "subtle"));
  }

  scopes(id: number): Scope[] {
    const frame = this.frames[id - 1];
    if (!frame) return [];
    const around = this.around(frame).map((scope, i) => ({
      name: `Closure${scope.name ? ` (${scope.name})` : ""}`,
      variablesReference: id * SCOPES_PER_FRAME + 2 + i,
      expensive: false,
    }));
    return [
      {
        name: "Locals",
        variablesReference: id * SCOPES_PER_FRAME + 1,
        expensive: false,
        presentationHint: "locals",
      },
      ...around,
      { name: "Globals", variablesReference: GLOBALS, expensive: false, presentationHint: "globals" },
    ];
  }

  /** What a scope has, or what is in a value. */
  async variables(reference: number): Promise<Shown[]> {
    if (reference >= GLOBALS) return variablesOf(this.inspector, reference);
    const frame = this.frames[Math.floor(reference / SCOPES_PER_FRAME) - 1];
    const which = reference % SCOPES_PER_FRAME;
    if (!frame) return [];
    if (which > 1) return this.shown(this.around(frame).slice(which - 2, which - 1), false);
    const inner = this.inner(frame);
    const own = frame.isTop ? inner.filter(({ type }) => type !== "local") : inner;
    const top = frame.isTop ? inner.filter(({ type }) => type === "local") : [];
    const self = frame.isTop || !frame.place ? [] : await this.self(frame);
    return [...self, ...(await this.shown(own, false)), ...(await this.shown(top, true))];
  }

  /** What an expression in TypeScript is, in a frame. @throws Error in the words of what was thrown */
  async evaluate(text: string, id?: number): Promise<Runtime.RemoteObject> {
    const frame = (id === undefined ? this.own[0] : this.frames[id - 1]) ?? this.top;
    const script = await this.inspector.agent<string>("script", text, await this.hidden(frame));
    return this.inspector.evaluateIn(script, frame.call.callFrameId);
  }

  /** Names that mean something of the frame's own, not of the notebook's. */
  private async hidden(frame: Frame): Promise<string[]> {
    const scopes = [...this.inner(frame), ...this.around(frame)];
    const own = frame.isTop ? scopes.filter(({ type }) => type !== "local") : scopes;
    return (await this.properties(own)).map(({ name }) => name);
  }

  private async self({ call }: Frame): Promise<Shown[]> {
    const { type, className } = call.this;
    if (type !== "object" || !call.this.objectId || className === "global" || className === "Object") return [];
    return this.inspector.agentOn("locals", [{ value: ["this"] }, { value: false }, argument(call.this)]);
  }

  /** The scopes of the frame's function, the innermost first. */
  private inner({ call }: Frame): Debugger.Scope[] {
    const end = call.scopeChain.findIndex(({ type }) => type === "local" || type === "module");
    return call.scopeChain.slice(0, end + 1);
  }

  /** The scopes of functions around it, without that of the cell itself: its variables are everybody's. */
  private around(frame: Frame): Debugger.Scope[] {
    return frame.call.scopeChain
      .slice(this.inner(frame).length)
      .filter(({ type, startLocation }) => type !== "global" && type !== "script" && !isCells(startLocation));
  }

  private async properties(scopes: readonly Debugger.Scope[]): Promise<Property[]> {
    const all = await Promise.all(
      scopes.map(({ object }) =>
        this.inspector.ask<Runtime.GetPropertiesReturnType>("Runtime.getProperties", {
          objectId: object.objectId,
          ownProperties: true,
        }),
      ),
    );
    const seen = new Set<string>();
    // An inner variable hides an outer one of its name.
    return all
      .flatMap(({ result }) => result)
      .filter(({ name }) => !MACHINERY.test(name) && !seen.has(name) && seen.add(name));
  }

  private async shown(scopes: readonly Debugger.Scope[], shared: boolean): Promise<Shown[]> {
    const found = await this.properties(scopes);
    if (found.length === 0) return [];
    return this.inspector.agentOn("locals", [
      { value: found.map(({ name }) => name) },
      { value: shared },
      ...found.map(({ value }) => (value ? argument(value) : {})),
    ]);
  }
}

const isCells = (start?: Debugger.Location): boolean => (start?.lineNumber ?? 0) < 0;

/** What a reference stands for that belongs to no frame: the notebook's variables, or what is in a value. */
export function variablesOf(inspector: Inspector, reference: number): Promise<Shown[]> {
  return reference === GLOBALS ? inspector.agent("globals") : inspector.agent("open", reference);
}
