// Where to stop: by lines of the student's text, in scripts that are there and in those to come.
import type { Debugger } from "inspector";
import type { Breakpoint, WantedBreakpoint } from "./dap";
import type { Inspector } from "./inspector";
import type { Place } from "./places";
import { isCellPath, type Script, type Scripts } from "./scripts";

interface Wish extends WantedBreakpoint {
  id: number;
}

type Location = Debugger.BreakLocation;

/** The breakpoints of all texts, by path. */
export class Breakpoints {
  private readonly wishes = new Map<string, Wish[]>();
  /** V8's numbers of what was set for a path, and which wish each is for. */
  private readonly set = new Map<string, Map<string, Wish>>();
  private last = 0;
  /** V8's number of the stop before each script. */
  private ahead: string | null = null;

  constructor(
    private readonly inspector: Inspector,
    private readonly scripts: Scripts,
  ) {}

  /** Sets those of a text, in place of the ones it had. */
  async replace(file: string, wanted: readonly WantedBreakpoint[]): Promise<Breakpoint[]> {
    await this.remove(file);
    const text = this.scripts.text(file);
    const lines = text === undefined ? [] : await this.inspector.agent<number[]>("lines", text);
    const wishes = wanted.map(({ line, condition }): Wish => {
      const next = lines.filter((each) => each >= line);
      return { id: ++this.last, line: next.length > 0 ? Math.min(...next) : line, condition };
    });
    this.wishes.set(file, wishes);
    for (const script of this.scripts.from(file)) await this.apply(script);
    await this.stopAhead();
    return wishes.map(({ id, line }) => ({ id, verified: true, line, source: { path: file } }));
  }

  /** Sets the breakpoints that a script is to have, before it runs. */
  async apply(script: Script): Promise<void> {
    const file = this.scripts.pathOf(script);
    const wishes = this.wishes.get(file) ?? [];
    if (wishes.length === 0) return;
    const spots = await this.possible(script).catch((error: Error) => {
      if (!error.message.endsWith("Script not found")) throw error;
      // A cell that ran, and nothing of it is left to stop in.
      this.scripts.drop(script);
      return [];
    });
    const set = this.set.get(file) ?? new Map<string, Wish>();
    this.set.set(file, set);
    for (const wish of wishes) {
      const found = nearest(spots, wish.line);
      if (!found) continue;
      wish.line = found.place[0];
      const { scriptId, lineNumber, columnNumber } = found.spot;
      try {
        const { breakpointId } = await this.inspector.ask<Debugger.SetBreakpointReturnType>("Debugger.setBreakpoint", {
          location: { scriptId, lineNumber, columnNumber },
        });
        set.set(breakpointId, wish);
      } catch {
        // Another wish came to be at the same place.
      }
    }
  }

  /** The condition of the breakpoint that was reached; undefined: there is none. `null`: none of ours. */
  conditionOf(ids: readonly string[]): string | undefined | null {
    const hit = [...this.set.values()].flatMap((each) => ids.flatMap((id) => each.get(id) ?? []));
    if (hit.length === 0) return null;
    return hit.every(({ condition }) => condition)
      ? hit.map(({ condition }) => `(${condition})`).join(" || ")
      : undefined;
  }

  /** As `debugInfo` lists them. */
  list(): { source: string; breakpoints: { line: number }[] }[] {
    return [...this.wishes]
      .filter(([, wishes]) => wishes.length > 0)
      .map(([source, wishes]) => ({ source, breakpoints: wishes.map(({ line }) => ({ line })) }));
  }

  /** V8 has dropped them. */
  forget(): void {
    this.wishes.clear();
    this.set.clear();
    this.ahead = null;
  }

  /** A cell waits for its breakpoints; a file does not, so V8 is to stop before it runs. */
  private async stopAhead(): Promise<void> {
    const wanted = [...this.wishes].some(([file, wishes]) => wishes.length > 0 && !isCellPath(file));
    if (wanted === (this.ahead !== null)) return;
    if (this.ahead !== null) await this.inspector.ask("Debugger.removeBreakpoint", { breakpointId: this.ahead });
    this.ahead = wanted
      ? (
          await this.inspector.ask<{ breakpointId: string }>("Debugger.setInstrumentationBreakpoint", {
            instrumentation: "beforeScriptExecution",
          })
        ).breakpointId
      : null;
  }

  private async remove(file: string): Promise<void> {
    for (const breakpointId of this.set.get(file)?.keys() ?? [])
      await this.inspector.ask("Debugger.removeBreakpoint", { breakpointId });
    this.set.delete(file);
  }

  /** Where V8 can stop in a script, and which place of the student's text that is. */
  private async possible(script: Script): Promise<{ spot: Location; place: Place }[]> {
    const { locations } = await this.inspector.ask<Debugger.GetPossibleBreakpointsReturnType>(
      "Debugger.getPossibleBreakpoints",
      {
        start: { scriptId: script.id, lineNumber: 0, columnNumber: 0 },
        end: { scriptId: script.id, lineNumber: script.endLine, columnNumber: script.endColumn },
      },
    );
    const places = await this.scripts.places(
      script,
      locations.map(({ lineNumber, columnNumber = 0 }) => [lineNumber, columnNumber]),
    );
    return locations.flatMap((spot, i) => (places[i] ? [{ spot, place: places[i] }] : []));
  }
}

/** The first spot on that line, or on the next line that has one. */
function nearest<T extends { place: Place }>(spots: readonly T[], line: number): T | undefined {
  const at = Math.min(...spots.map(({ place }) => place[0]).filter((each) => each >= line));
  return spots.find(({ place }) => place[0] === at);
}
