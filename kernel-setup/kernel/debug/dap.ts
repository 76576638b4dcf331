/*
 * The part of the Debug Adapter Protocol that front ends of Jupyter use, and Jupyter's own requests beside it.
 * https://microsoft.github.io/debug-adapter-protocol and jupyter_client's "Debug request".
 */

export interface Request {
  seq: number;
  command: string;
  arguments: Record<string, unknown>;
}

/** What a reply carries; `failed` in place of a body says in words why there is none. */
export type Answer = { body?: Record<string, unknown> } | { failed: string };

/** A place that a front end asked to stop at. */
export interface WantedBreakpoint {
  line: number;
  /** Stops only where this holds; in TypeScript. */
  condition?: string;
}

/** A place at which there is a breakpoint; `line` is where it came to be. */
export interface Breakpoint {
  id: number;
  verified: boolean;
  line: number;
  source: { path: string };
}

export interface StackFrame {
  id: number;
  name: string;
  line: number;
  column: number;
  source?: { name: string; path: string };
  presentationHint?: "normal" | "subtle";
}

export interface Scope {
  name: string;
  variablesReference: number;
  expensive: boolean;
  presentationHint?: "locals" | "globals";
}

export interface Variable {
  name: string;
  value: string;
  /** Left out where a front end would show it in the place of the value. */
  type?: string;
  evaluateName: string;
  /** 0: nothing is in it. */
  variablesReference: number;
}

/** The reference of the notebook's variables. What is below belongs to frames, what is above is in values. */
export const GLOBALS = 1_000_000;

/** Everything runs on one thread. */
export const THREAD = 1;

/** What the front end is told that it may ask for. */
export const CAPABILITIES = {
  supportsConfigurationDoneRequest: true,
  supportsConditionalBreakpoints: true,
  supportsEvaluateForHovers: true,
  supportsModulesRequest: true,
  supportsTerminateRequest: true,
  exceptionBreakpointFilters: [
    { filter: "raised", label: "Raised Exceptions", default: false, description: "Stops where your code throws." },
    {
      filter: "uncaught",
      label: "Uncaught Exceptions",
      default: false,
      description: "Stops where an error is thrown that no catch of your code is around.",
    },
  ],
};
