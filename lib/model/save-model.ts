import { createHash } from "node:crypto";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import { badInput } from "../core/errors";
import { checkOptions, oneOf, type Schema } from "../core/options";
import { writeTogether } from "../core/files";
import type { Normalization, OutputKind, PreprocessName } from "./network-options";
import { checkWeightsFinite, weightBytes, type WeightSpec } from "../data/read-model-files";

/** What is stored with a network, so that `loadModel` needs nothing else. */
export interface ModelMetadata {
  name?: string;
  /** One per output, in the order of the outputs. */
  classNames: readonly string[];
  preprocess?: Normalization | PreprocessName;
  /** Default: [0, 1] for images, none for other inputs. */
  bounds?: readonly [number, number];
  /** Of one input; needed only where the network takes any size. */
  inputShape?: readonly number[];
  /** Default: what the last layers tell. */
  output?: OutputKind;
  /** Which of several outputs is meant. Default: the only one. */
  head?: string | number;
}

export interface SaveModelOptions {
  /** Round weights to 8 bits, a quarter of the size. Default: as they are (float32). */
  quantization?: "uint8";
}

export const saveModelOptions = {
  quantization: oneOf(["uint8"], {
    rule: "as they are (float32)",
    help: "round weights to 8 bits, a quarter of the size",
  }),
} satisfies Schema<SaveModelOptions>;

/**
 * Writes a network in TF.js's own format: `model.json` and `weights.bin` in `folder`, with the SHA-256 of the weights.
 * What was there is replaced only once all is written.
 * @throws BadInputError if two layers share a name (TF.js could not tell them apart again) or the quantization is
 *   unknown; FileError if a weight is NaN or infinite, or the disk refuses
 */
export async function saveModel(
  model: tf.LayersModel,
  folder: string,
  metadata: ModelMetadata,
  options: SaveModelOptions = {},
): Promise<void> {
  const { quantization } = checkOptions(saveModelOptions, options);
  await ready();
  const artifacts = await artifactsOf(model);
  const plain = split(artifacts);
  checkNames(plain, metadata.name ?? model.name);
  checkWeightsFinite(
    joined(plain),
    plain.map(({ spec }) => spec),
    `${metadata.name ?? model.name}`,
  );
  const weights = quantization ? plain.map(quantizeUint8) : plain;
  const bytes = new Uint8Array(joined(weights));
  const json = {
    format: artifacts.format,
    generatedBy: artifacts.generatedBy,
    convertedBy: artifacts.convertedBy,
    modelTopology: artifacts.modelTopology,
    userDefinedMetadata: { ...metadata, weightsSha256: createHash("sha256").update(bytes).digest("hex") },
    weightsManifest: [{ paths: ["weights.bin"], weights: weights.map(({ spec }) => spec) }],
  };
  await writeTogether([
    { path: join(folder, "weights.bin"), content: bytes },
    { path: join(folder, "model.json"), content: `${JSON.stringify(json, null, 1)}\n` },
  ]);
}

function checkNames(weights: readonly StoredWeight[], model: string): void {
  const names = weights.map(({ spec }) => spec.name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    badInput({
      what: `a weight of ${model}`,
      got: twice,
      allowed: "a name that no other weight has",
      remedy: "Give each layer a name of its own, inside nested models too.",
    });
}

async function artifactsOf(model: tf.LayersModel): Promise<tf.io.ModelArtifacts> {
  let caught: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler((artifacts) => {
      caught = artifacts;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } });
    }),
  );
  return caught!;
}

function split(artifacts: tf.io.ModelArtifacts): StoredWeight[] {
  const all = tf.io.CompositeArrayBuffer.join(artifacts.weightData!);
  let offset = 0;
  return artifacts.weightSpecs!.map((spec) => {
    const start = offset;
    offset += weightBytes(spec)!;
    return { spec, bytes: new Uint8Array(all.slice(start, offset)) };
  });
}

function joined(weights: readonly StoredWeight[]): ArrayBuffer {
  const all = Buffer.concat(weights.map(({ bytes }) => bytes));
  return all.buffer.slice(all.byteOffset, all.byteOffset + all.length) as ArrayBuffer;
}

/** A weight as it is stored: its manifest entry and its bytes. */
interface StoredWeight {
  readonly spec: WeightSpec;
  readonly bytes: Uint8Array;
}

/**
 * Rounds a float32 weight to 8 bits, value = byte × scale + min, in the form that TF.js's weight manifest knows.
 * No value moves by more than half a step. Vectors (biases, batch norm) stay as they are: they are few, and
 * rounding them shifts whole channels.
 */
function quantizeUint8(weight: StoredWeight): StoredWeight {
  const { spec, bytes } = weight;
  if (spec.dtype !== "float32" || spec.shape.length < 2) return weight;
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  let min = Infinity,
    max = -Infinity;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const scale = max > min ? (max - min) / 255 : 1;
  return {
    spec: { ...spec, quantization: { dtype: "uint8", scale, min } },
    bytes: Uint8Array.from(values, (value) => Math.round((value - min) / scale)),
  };
}
