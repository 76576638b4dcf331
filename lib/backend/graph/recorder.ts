// Every kernel of the native backend passes here: what a recorder is told of.
import * as tf from "@tensorflow/tfjs";
import { oncePerProcess } from "../../core/once";
import type { StandIns, Execute } from "./stand-ins";
import { attributeValue, dataTypes, INT64, type OpAttribute } from "./graph-def";
import type { NativeBackend, OpInput, TensorInfo } from "../engine/native-backend";
import {
  type Captured,
  type Constant,
  type RecordedOp,
  type Recording,
  type Source,
  CompileError,
  Place,
} from "./recording";

/** Ops that give something else at each run, or act on more than their outputs. */
const stateful = /Random|Multinomial|TruncatedNormal|Summary|Print|Assert|Stack|Queue|Variable|Iterator/;

/** Writes down what the ops of one run of a function are, while they run. */
export class Recorder {
  private readonly ops: RecordedOp[] = [];
  private readonly captured: Captured[] = [];
  private readonly constants: Constant[] = [];
  private readonly known = new Map<object, Source>();
  /** Data that appeared while recording, and where; no op's output, unless an op says so. */
  private readonly made = new Map<object, { fromValues: boolean; place: Place }>();
  /** The first reason why this run cannot be written down. */
  refused?: string;

  /**
   * @param inputs stand for the function's inputs; data of their own, that nothing else refers to
   * @param standIns ops are only written down, and these are what they give
   */
  constructor(
    private readonly backend: NativeBackend,
    private readonly inputs: readonly tf.Tensor[],
    readonly standIns?: StandIns,
  ) {
    inputs.forEach(({ dataId }, index) => this.known.set(dataId, { kind: "input", index }));
  }

  /** Data appears. @param fromValues written from JavaScript */
  appeared(dataId: object, fromValues: boolean): void {
    this.made.set(dataId, { fromValues, place: new Place() });
  }

  /** To be called before an op runs, since the run may free its inputs. @returns to be called with its outputs */
  op(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly OpInput[],
  ): (outputs: readonly TensorInfo[]) => void {
    const place = new Place();
    if (stateful.test(name))
      this.refuse(`${name} gives something else at each run, or acts on more than its output`, place);
    const sources = inputs.map((input) => this.sourceOf(input, place));
    const values = attributes.map(
      (attribute) => [attribute.name, attributeValue(attribute, this.backend.binding)] as const,
    );
    values.sort(([a], [b]) => (a < b ? -1 : 1));
    const index = this.ops.push({ name, attributes: values, inputs: sources, place }) - 1;
    return (outputs) => {
      if (outputs.length > 0) this.ops[index] = { ...this.ops[index], shape: [...outputs[0].shape] };
      outputs.forEach(({ dataId }, output) => this.known.set(dataId, { kind: "op", index, output }));
    };
  }

  /**
   * The function reads data, or does something else that no graph can. @throws CompileError, which the function may
   * catch: `refused` stays
   */
  refuse(reason: string, place = new Place()): never {
    const where = place.toString();
    this.refused ??= where === "" ? reason : `${reason} (${where})`;
    throw new CompileError(this.refused);
  }

  finish(outputs: readonly tf.Tensor[]): Recording {
    const place = new Place();
    return {
      ops: this.ops,
      captured: this.captured,
      constants: this.constants,
      outputs: outputs.map((tensor) => this.sourceOf(tensor, place)),
      inputs: this.inputs,
    };
  }

  private sourceOf(input: OpInput, place: Place): Source {
    if (!("dataId" in input))
      return this.constant(INT64, [], Buffer.from(input.valueArray.buffer, input.valueArray.byteOffset, 8), place);
    const { dataId, dtype, shape } = input;
    const known = this.known.get(dataId);
    if (known) return known;
    if (!(dtype in dataTypes)) this.refuse(`a tensor of type ${dtype} cannot be in a graph`, place);
    const made = this.made.get(dataId);
    if (made && !made.fromValues)
      this.refuse("a tensor is computed by something that is no op of TensorFlow.js", made.place);
    const source = made
      ? this.constant(dataTypes[dtype], shape, bytesOf(readUnrecorded(this.backend, dataId), dtype), made.place)
      : ({
          kind: "captured",
          index: this.captured.push({ dataId, variable: variableOf(dataId), dtype, shape: [...shape] }) - 1,
        } as const);
    this.known.set(dataId, source);
    return source;
  }

  private constant(dataType: number, shape: readonly number[], bytes: Buffer, place: Place): Source {
    return { kind: "constant", index: this.constants.push({ dataType, shape: [...shape], bytes, place }) - 1 };
  }
}

/** The recorder at work, while a function to compile runs. */
export const recorderState = oncePerProcess("vitrine.recorder", (): { recorder?: Recorder } => ({}));

function variableOf(dataId: object): tf.Variable | undefined {
  return Object.values(tf.engine().registeredVariables).find((variable) => variable.dataId === dataId);
}

/** A copy. */
function bytesOf(values: ArrayLike<number>, dtype: tf.DataType): Buffer {
  const typed =
    dtype === "float32"
      ? Float32Array.from(values)
      : dtype === "int32"
        ? Int32Array.from(values)
        : Uint8Array.from(values);
  return Buffer.from(typed.buffer);
}

/**
 * Has the native backend tell the recorder of the moment of every op, of data that appears, of data that is read and of
 * variables that change. Once for each backend, for good: only `recorderState().recorder` says whether anything is
 * recorded, so that an interrupt in the middle of a recording leaves nothing to be put back.
 */
export function hookNativeBackend(backend: Hookable): void {
  if (backend[hooked]) return;
  const { executeSingleOutput, executeMultipleOutputs, readSync, loadSavedModelMetaGraph, tensorMap } = backend,
    { set } = tensorMap;
  const memory: Hooked = (backend[hooked] = { readSync });
  const outputsOf: Execute = (op, attributes, inputs, count) =>
    count === 1
      ? [executeSingleOutput.call(backend, op, attributes, inputs)]
      : executeMultipleOutputs.call(backend, op, attributes, inputs, count);
  const watched: Execute = (op, attributes, inputs, count) => {
    const { recorder } = recorderState(),
      recorded = recorder?.op(op, attributes, inputs);
    const outputs = recorder?.standIns
      ? recorder.standIns.op(op, attributes, inputs, count, outputsOf)
      : outputsOf(op, attributes, inputs, count);
    recorded?.(outputs);
    return outputs;
  };
  backend.executeSingleOutput = (op, attributes, inputs) => watched(op, attributes, inputs, 1)[0];
  backend.executeMultipleOutputs = watched;
  backend.readSync = (dataId) => {
    recorderState().recorder?.refuse("the function reads a tensor's values (data, dataSync, array, arraySync, print)");
    return readSync.call(backend, dataId);
  };
  const { assign } = tf.Variable.prototype;
  tf.Variable.prototype.assign = function (value) {
    recorderState().recorder?.refuse(
      `the function assigns to the variable ${this.name}; return the new value and assign it outside`,
    );
    assign.call(this, value);
  };
  backend.loadSavedModelMetaGraph = (folder, tags) =>
    (memory.newest = loadSavedModelMetaGraph.call(backend, folder, tags));
  tensorMap.set = (dataId, data) => {
    const { recorder } = recorderState();
    // What TF.js knows already is moved here from another backend.
    if (recorder && !isKnown(dataId)) recorder.appeared(dataId, data.values !== null);
    set.call(tensorMap, dataId, data);
  };
}

/** Frees the saved model whose loading was cut off before its number was known. */
export function freeUnknownModels(backend: Hookable): void {
  const memory = backend[hooked];
  if (memory?.newest === undefined) return;
  try {
    for (let id = memory.newest + 1; ; id++) {
      backend.binding.deleteSavedModel(id);
      memory.newest = id;
    }
  } catch {
    // There is none of that number.
  }
}

function isKnown(dataId: object): boolean {
  return (tf.engine() as unknown as { state: { tensorInfo: WeakMap<object, unknown> } }).state.tensorInfo.has(dataId);
}

/** Where a backend keeps what it was before it was hooked. */
const hooked: unique symbol = Symbol.for("vitrine.compile.hooked") as never;
/** What the hooked backend is remembered by. */
interface Hooked {
  readonly readSync: NativeBackend["readSync"];
  /** The number of the saved model that was loaded last; TensorFlow.js's addon counts them. */
  newest?: number;
}
type Hookable = NativeBackend & { [hooked]?: Hooked };

/** Reads data of the backend also while a recorder refuses that. */
export function readUnrecorded(backend: Hookable, dataId: object): ArrayLike<number> {
  return (backend[hooked]?.readSync ?? backend.readSync).call(backend, dataId);
}
