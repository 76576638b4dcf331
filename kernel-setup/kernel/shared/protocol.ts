/*
 * The kernel is two threads. The I/O thread owns the sockets, so heartbeat, interrupts and live output work while the
 * student's code keeps the main thread busy; the main thread compiles and runs cells. This file is all they share.
 */

import type { ConnectionInfo } from "../io/connection";
import type { StreamName } from "./marks";

/** JSON text; serialised once, on the thread that made it. */
export type Json = string;

/** What the I/O thread may ask of the main thread; the names are those of the Jupyter requests. */
export type EngineCall = "execute" | "complete" | "inspect" | "is_complete" | "comm_info" | CommCall;
export type CommCall = "comm_open" | "comm_msg" | "comm_close";

/**
 * Number of the request (a cell, a comm's message) on whose behalf something happens. The I/O thread remembers the
 * requests, so that what a cell prints after its end still goes to that cell.
 */
export type Origin = number;

export interface ExecuteCall {
  origin: Origin;
  code: string;
  /** Number of the cell, as shown beside it. */
  count: number;
  silent: boolean;
  userExpressions: Record<string, string>;
  /** The front end's name for the cell, if it tells one. */
  cellId?: string;
  /** Cells that were deleted since the last request. */
  deletedCells?: string[];
}

export interface CommMessage {
  origin: Origin;
  content: Record<string, unknown>;
  metadata: Record<string, unknown>;
  buffers: Uint8Array[];
}

/** I/O thread → main thread. */
export type ToEngine =
  /** `interrupted`: an interrupt dropped it on its way, and it comes again. */
  | { kind: "call"; id: number; type: EngineCall; content: unknown; interrupted?: boolean }
  /**
   * `terminated`: the running JavaScript was cut off already. `cell`: the one that is meant, by the CELLS slot.
   * Default: whichever runs. `memory`: it is stopped because it has used that up; what to tell. `calls`: the last call
   * that was sent before it.
   */
  | { kind: "interrupt"; turn: number; terminated: boolean; calls: number; cell?: number; memory?: string }
  /** What the user typed, or why it was not available. */
  | { kind: "input"; id: number; value: string }
  | { kind: "no-input"; id: number; reason: string }
  /** The breakpoints of the cell of that name are set; none: nobody debugs any more. */
  | { kind: "debug-go"; name?: string }
  /** Does nothing: V8 can stop where functions are called. */
  | { kind: "nudge" }
  /** Has that call come? */
  | { kind: "check"; calls: number }
  | { kind: "exit" };

/** Main thread → I/O thread. */
export type FromEngine =
  | { kind: "ready" }
  | ({ kind: "reply"; id: number; content: Json } & Marked)
  | ({ kind: "publish" } & Publication & Marked)
  | ({ kind: "ask"; id: number; origin: Origin; prompt: string; password: boolean } & Marked)
  /** What cells printed, where it does not come through the pipes. */
  | { kind: "print"; origin: Origin; name: StreamName; text: string }
  /** How many characters a cell may print from now on. */
  | { kind: "limit"; characters: number }
  /** Nobody waits for that answer any more. */
  | { kind: "ask-no-more"; id: number }
  | { kind: "interrupt-seen"; turn: number }
  | { kind: "nudged" }
  /** That call never came; `interrupted`: it is not to run either. */
  | { kind: "lost"; id: number; interrupted: boolean }
  /** While somebody debugs: a cell is compiled and waits for its breakpoints. Its frames carry that name. */
  | { kind: "debug-cell"; name: string };

/** The mark in the pipes after which it belongs, if there are pipes. */
interface Marked {
  mark?: number;
}

/** A message for everybody. */
export interface Publication {
  origin: Origin;
  type: string;
  content: Json;
  metadata?: Record<string, unknown>;
  buffers?: Uint8Array[];
}

/** Slots of the shared Int32Array. */
export const PHASE = 0;
export const INTERRUPT_PENDING = 1;
/** How many cells were begun. */
export const CELLS = 2;
/** The last interrupt that the main thread took notice of. */
export const TURN_SEEN = 3;
/** When the cell began: megabytes of the main thread's heap, and of the whole process. */
export const HEAP_MB = 4;
export const PROCESS_MB = 5;
/** Does a front end debug? */
export const DEBUGGING = 6;
export const SLOTS = 7;

/**
 * Values of the PHASE slot. Cutting off the compiler would leave it in pieces, and a request or a reply would be lost;
 * so only the other phases may be.
 */
export const IDLE = 0;
export const COMPILING = 1;
export const RUNNING = 2;

export interface IoThreadData {
  connection: ConnectionInfo;
  shared: SharedArrayBuffer;
  /** Bytes that the main thread's JavaScript heap may grow to. */
  heapLimit: number;
  /** What the marks in the pipes begin with, if there are pipes. */
  marks?: string;
}

/** An `error` message's content. */
export interface ErrorContent {
  ename: string;
  evalue: string;
  traceback: string[];
}

export type ExecuteReply =
  | { status: "ok"; execution_count: number; user_expressions: Record<string, unknown>; payload: unknown[] }
  | ({
      status: "error";
      execution_count: number;
      user_expressions: Record<string, unknown>;
      payload: unknown[];
    } & ErrorContent);
