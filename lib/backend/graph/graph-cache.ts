// The graphs of one function, by the kind of its inputs.
import type * as tf from "@tensorflow/tfjs";
import { difference, type Recording } from "./recording";
import type { NativeBackend } from "../engine/native-backend";
import { Session, type SessionOptions } from "./session";
import { mapLeaves, Slot } from "./structure";
import type { Recorded, Trace } from "./trace";

/** How the calls with inputs of one kind run. */
export interface GraphInfo {
  /** dtype and shape of each input, and plain values as they are: `[float32[25,224,224,3];"logit"]`. */
  readonly signature: string;
  /** `traced`: op by op, watched; `compiled`: as one graph; `as it is`: op by op, for `reason`. */
  readonly runs: "traced" | "compiled" | "as it is";
  readonly reason?: string;
  /** Of the graph. */
  readonly nodes?: number;
  /** What making the graph took, in milliseconds; TensorFlow optimizes it in its first run besides. */
  readonly compileMs?: number;
}

/**
 * So often may a run differ from the one before it: what a first run sets up (an optimizer's slots) is not there the
 * second time.
 */
const MAX_TRACE_MISMATCHES = 1;

/** What is known of calls with inputs of one kind. */
export class Entry {
  refused?: string;
  private latest?: Recorded;
  private agreed?: Recording;
  /** The result with slots in the place of its tensors. */
  private template: unknown;
  private outputs: Recorded["outputs"] = [];
  private differed = 0;
  private session?: Session;
  private compileMs?: number;

  /** @param runs so many that did the same make a graph */
  constructor(private readonly runs: 1 | 2 = 2) {}

  /** Whether it is not known yet how calls will run. */
  get open(): boolean {
    return this.refused === undefined && !this.session;
  }

  /** Takes one more run into account. @returns what it did, if the run before did the same */
  add({ recorded, refused }: Trace): Recording | undefined {
    if (!recorded) {
      this.refuse(refused ?? "the function cannot be written down");
      return undefined;
    }
    const before = this.latest;
    this.latest = recorded;
    if (this.runs === 1) return (this.agreed = recorded.recording);
    if (!before) return undefined;
    const differs =
      difference(before.recording, recorded.recording) ??
      (before.signature === recorded.signature ? undefined : "the function returns other numbers from run to run");
    if (differs === undefined) return (this.agreed = recorded.recording);
    if (++this.differed > MAX_TRACE_MISMATCHES) this.refuse(differs);
    return undefined;
  }

  /** The graph, made when first asked for; undefined as long as no two runs have agreed. @throws Error of TensorFlow */
  graph(backend: NativeBackend, options: SessionOptions): Session | undefined {
    if (this.session && (this.session.backend !== backend || !this.session.usable)) this.dispose();
    if (!this.session && this.agreed) {
      const started = performance.now();
      this.session = new Session(backend, this.agreed, options);
      this.compileMs = performance.now() - started;
      this.template = this.latest?.template;
      this.outputs = this.latest?.outputs ?? [];
      // Values made in JavaScript are in the graph now.
      this.agreed = this.latest = undefined;
    }
    return this.session;
  }

  /**
   * The function's result, of the graph's outputs. @throws Error if they are not of the shapes that were seen; they are
   * freed then
   */
  result(outputs: readonly tf.Tensor[]): unknown {
    const wrong = this.outputs.find(({ shape }, i) => shape.join() !== outputs[i].shape.join());
    if (wrong) {
      for (const output of outputs) output.dispose();
      throw new Error(`its output ${wrong.path} is not of the shape [${wrong.shape.join(", ")}]`);
    }
    return mapLeaves(this.template, Slot, ({ index }) => outputs[index]);
  }

  refuse(reason: string): void {
    this.dispose();
    this.refused = reason;
  }

  info(signature: string): GraphInfo {
    const runs = this.refused !== undefined ? "as it is" : this.session ? "compiled" : "traced";
    return {
      signature,
      runs,
      ...(this.refused !== undefined && { reason: this.refused }),
      ...(this.session && { nodes: this.session.nodes, compileMs: this.compileMs }),
    };
  }

  dispose(): void {
    this.session?.dispose();
    this.session = this.latest = this.agreed = undefined;
  }
}

/** The entries used last. */
export class GraphCache {
  private readonly entries = new Map<string, Entry>();

  /** @param runs see {@link Entry} */
  constructor(
    private readonly limit: number,
    private readonly runs: 1 | 2,
  ) {}

  entry(signature: string): Entry {
    const known = this.entries.get(signature),
      entry = known ?? new Entry(this.runs);
    // A Map keeps the order in which its keys came.
    this.entries.delete(signature);
    this.entries.set(signature, entry);
    for (const [oldest, unused] of this.entries) {
      if (this.entries.size <= this.limit) break;
      unused.dispose();
      this.entries.delete(oldest);
    }
    return entry;
  }

  infos(): GraphInfo[] {
    return [...this.entries].map(([signature, entry]) => entry.info(signature));
  }

  dispose(): void {
    for (const entry of this.entries.values()) entry.dispose();
    this.entries.clear();
  }
}
