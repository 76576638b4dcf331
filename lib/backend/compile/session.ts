import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type * as tf from "@tensorflow/tfjs";
import { whenCutOff } from "../unfinished";
import { capturedName, graphDef, inputName } from "./graph-def";
import { freeUnknownModels } from "./hook";
import type { NativeBackend } from "./native-backend";
import type { Captured, Recording } from "./recording";
import { savedModel } from "./saved-model";

/** Frees the sessions of functions that nobody can call any more. */
const forgotten = new FinalizationRegistry<() => void>((free) => free());

/** A function's graph in TensorFlow. */
export class Session {
  readonly nodes: number;
  private readonly id: number;
  private readonly names: readonly { name: string }[];
  private readonly fed: readonly number[];
  private readonly captured: readonly Captured[];
  private readonly outputs: readonly string[];
  private readonly free: () => void;

  /** @throws Error of TensorFlow if it does not take the graph */
  constructor(readonly backend: NativeBackend, recording: Recording) {
    const graph = graphDef(recording);
    let id: number | undefined;
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
    this.outputs = graph.outputs;
    const used = new Set([...recording.ops.flatMap(({ inputs }) => inputs), ...recording.outputs].flatMap((source) => (source.kind === "input" ? [source.index] : [])));
    this.fed = [...used];
    this.names = [...this.fed.map(inputName), ...recording.captured.map((_, i) => capturedName(i))].map((name) => ({ name: `${name}:0` }));
  }

  /** Whether everything that the function took from outside is still there. */
  get usable(): boolean {
    return this.captured.every(({ dataId, variable }) => (variable ? !variable.isDisposed : this.backend.tensorMap.has(dataId)));
  }

  /** @returns the outputs, which the caller owns @throws Error of TensorFlow */
  run(inputs: readonly tf.Tensor[]): tf.Tensor[] {
    return this.backend.runSavedModel(this.id, [...this.fed.map((index) => inputs[index]), ...this.captured.map(({ dataId, variable }) => variable ?? { dataId })], this.names, this.outputs);
  }

  dispose(): void {
    // False: it was freed before.
    if (forgotten.unregister(this)) this.free();
  }
}

/** Does not hold the session, which would then never be forgotten. */
const releaser = (backend: NativeBackend, id: number) => (): void => backend.binding.deleteSavedModel(id);

/** The addon reads saved models only from a folder. */
function load(backend: NativeBackend, model: Buffer): number {
  const folder = mkdtempSync(path.join(tmpdir(), "vitrine-graph-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const ended = whenCutOff(remove);
  try {
    writeFileSync(path.join(folder, "saved_model.pb"), model);
    return backend.loadSavedModelMetaGraph(folder, "serve");
  } finally {
    remove();
    ended();
  }
}
