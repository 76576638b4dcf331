// A graph that TensorFlow has loaded and runs.
import { closeSync, mkdtempSync, openSync, rmSync, writevSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type * as tf from "@tensorflow/tfjs";
import { whenCutOff } from "../../runtime/host";
import { capturedName, graphDef, inputName, lengthOf, type Pieces, savedModel } from "./graph-def";
import { freeUnknownModels, readUnrecorded } from "./recorder";
import type { NativeBackend } from "../engine/native-backend";
import type { Captured, Recording } from "./recording";
import { rewritten } from "./rewrites";
import { sizeOf } from "../../core/chunks";

/** What a session copies. */
export interface SessionOptions {
  /** Write tensors from outside into the graph where all of them, variables left out, take at most so many bytes. */
  readonly freeze: number;
}

/** Frees the sessions of functions that nobody can call any more. */
const forgotten = new FinalizationRegistry<() => void>((free) => free());

/** A function's graph in TensorFlow. */
export class Session {
  readonly nodes: number;
  private readonly id: number;
  private readonly names: readonly { name: string }[];
  private readonly fed: readonly number[];
  private readonly captured: readonly Captured[];
  /** Those of them that are not in the graph. */
  private readonly fedCaptured: readonly Captured[];
  private readonly outputs: readonly string[];
  private readonly free: () => void;

  /** @throws Error of TensorFlow if it does not take the graph */
  constructor(
    readonly backend: NativeBackend,
    recorded: Recording,
    { freeze }: SessionOptions,
  ) {
    const recording = rewritten(recorded, backend.binding),
      values = frozen(backend, recording.captured, freeze);
    const graph = graphDef(recording, values);
    let id: number | undefined = undefined;
    const ended = whenCutOff(() => {
      if (id === undefined) freeUnknownModels(backend);
      else backend.binding.deleteSavedModel(id);
    });
    id = load(backend, savedModel(graph));
    this.id = id;
    this.free = releaser(backend, id);
    ended();
    forgotten.register(this, this.free, this);
    this.nodes = graph.nodes;
    this.captured = recording.captured;
    this.fedCaptured = recording.captured.filter((_, i) => !values[i]);
    this.outputs = graph.outputs;
    const used = new Set(
      [...recording.ops.flatMap(({ inputs }) => inputs), ...recording.outputs].flatMap((source) =>
        source.kind === "input" ? [source.index] : [],
      ),
    );
    this.fed = [...used];
    this.names = [
      ...this.fed.map(inputName),
      ...recording.captured.flatMap((_, i) => (values[i] ? [] : [capturedName(i)])),
    ].map((name) => ({ name: `${name}:0` }));
  }

  /** Whether everything that the function took from outside is still there. */
  get usable(): boolean {
    return this.captured.every(({ dataId, variable }) =>
      variable ? !variable.isDisposed : this.backend.tensorMap.has(dataId),
    );
  }

  /** @returns the outputs, which the caller owns @throws Error of TensorFlow */
  run(inputs: readonly tf.Tensor[]): tf.Tensor[] {
    return this.backend.runSavedModel(
      this.id,
      [
        ...this.fed.map((index) => inputs[index]),
        ...this.fedCaptured.map(({ dataId, variable }) => variable ?? { dataId }),
      ],
      this.names,
      this.outputs,
    );
  }

  dispose(): void {
    // False: it was freed before.
    if (forgotten.unregister(this)) this.free();
  }
}

/**
 * @returns for each the values that go into the graph, or undefined: a variable's may change, and what is too large is
 * not held twice
 */
function frozen(backend: NativeBackend, captured: readonly Captured[], most: number): (Uint8Array | undefined)[] {
  const constant = ({ variable, dtype }: Captured): boolean => !variable && dtype === "float32";
  const bytes = captured.filter(constant).reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
  return captured.map((each) => {
    if (bytes > most || !constant(each)) return undefined;
    const { buffer, byteOffset, byteLength } = readUnrecorded(backend, each.dataId) as Float32Array;
    return new Uint8Array(buffer, byteOffset, byteLength);
  });
}

/** Does not hold the session, which would then never be forgotten. */
const releaser = (backend: NativeBackend, id: number) => (): void => backend.binding.deleteSavedModel(id);

/** The addon reads saved models only from a folder. */
function load(backend: NativeBackend, model: Pieces): number {
  const folder = mkdtempSync(path.join(tmpdir(), "vitrine-graph-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const ended = whenCutOff(remove);
  try {
    write(path.join(folder, "saved_model.pb"), model);
    return backend.loadSavedModelMetaGraph(folder, "serve");
  } finally {
    remove();
    ended();
  }
}

function write(path: string, pieces: Pieces): void {
  const file = openSync(path, "wx");
  try {
    const written = writevSync(file, pieces),
      length = lengthOf(pieces);
    if (written < length) throw new Error(`of a graph's ${length} bytes ${written} could be written to ${path}`);
  } finally {
    closeSync(file);
  }
}
