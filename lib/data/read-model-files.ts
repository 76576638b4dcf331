// TensorFlow.js's model.json and the weights beside it.
import * as tf from "@tensorflow/tfjs";
import { FileError } from "../core/errors";
import { quoted } from "../core/text";
import { concat } from "./byte-reader";
import { sha256Of, type FetchOptions } from "./fetch-bytes";
import { openModelSource, type ModelSource, type OpenModel } from "./model-source";

/** A stored TF.js model, read whole and checked. */
export interface ModelFiles {
  /** Where it was read from, for messages. */
  readonly location: string;
  readonly format: "layers-model" | "graph-model";
  readonly json: tf.io.ModelJSON;
  readonly specs: WeightSpec[];
  /** All weights one after the other. */
  readonly weights: ArrayBuffer;
  readonly metadata: Record<string, unknown>;
}

const remedy = "Fetch it again.";

/**
 * Reads a model.json and its weights. TF.js reads files only through its native package, and takes a short or
 * damaged weights file without a word.
 * @param location a model.json, a folder that holds one, the URL of one (http, https, file), or the files themselves
 * @throws FileError naming the file: missing, not a TF.js model, of another size than the manifest says, not of
 *   the SHA-256 that its metadata say, or with weights that are not finite
 */
export async function readModelFiles(location: ModelSource, options: FetchOptions = {}): Promise<ModelFiles> {
  const source = await openModelSource(location, options);
  try {
    return await readFrom(source);
  } catch (error) {
    await source.forget?.();
    throw error;
  }
}

async function readFrom(source: OpenModel): Promise<ModelFiles> {
  const json = parse(new TextDecoder().decode(await source.read()), source.label);
  const manifest = json.weightsManifest;
  const groups = await Promise.all(
    manifest.map(async ({ paths, weights }) => {
      const files = await Promise.all(paths.map((path) => source.read(path)));
      const bytes = concat(files),
        names = paths.map((path) => source.labelOf(path)).join(" + ");
      const sizes = weights.map(weightBytes);
      const expected = sizes.reduce<number>((sum, size) => sum + (size ?? NaN), 0);
      if (!Number.isNaN(expected) && bytes.length !== expected) {
        const wrong = bytes.length < expected ? "is truncated" : "is too long";
        throw new FileError(names, `${wrong}: ${bytes.length} bytes, where ${source.label} says ${expected}`, remedy);
      }
      return { bytes, names, weights };
    }),
  );
  const bytes = concat(groups.map((group) => group.bytes)),
    names = groups.map((group) => group.names).join(" + ");
  const metadata = (json.userDefinedMetadata ?? {}) as Record<string, unknown>;
  const wanted = metadata.weightsSha256,
    seen = wanted === undefined ? undefined : await sha256Of(bytes);
  // A page without https has no SHA-256: there the sizes above are what is checked.
  if (seen !== undefined && wanted !== seen) {
    throw new FileError(
      names,
      `is damaged or of another model: its SHA-256 is ${seen}, where ${source.label} says ` +
        `${String(wanted).slice(0, 64)}`,
      remedy,
    );
  }
  const specs = manifest.flatMap((group) => group.weights);
  const weights = bytes.buffer as ArrayBuffer;
  checkWeightsFinite(weights, specs, names || source.label);
  const format = json.format === "graph-model" ? "graph-model" : "layers-model";
  return { location: source.label, format, json, specs, weights, metadata };
}

function parse(text: string, label: string): tf.io.ModelJSON {
  let json: tf.io.ModelJSON;
  try {
    json = JSON.parse(text) as tf.io.ModelJSON;
  } catch (error) {
    if (/^\s*</.test(text))
      throw new FileError(label, "is a page of HTML, not a model.json", "Servers answer so where nothing lies.");
    throw new FileError(label, `is truncated or no JSON: ${(error as Error).message}`, remedy);
  }
  const isModel =
    typeof json === "object" &&
    json !== null &&
    typeof json.modelTopology === "object" &&
    Array.isArray(json.weightsManifest);
  if (!isModel)
    throw new FileError(label, "is no model.json of TensorFlow.js: it lacks modelTopology or weightsManifest");
  if (!json.weightsManifest.every(isGroup))
    throw new FileError(label, "has a weightsManifest that cannot be understood", remedy);
  if (json.format !== undefined && json.format !== "layers-model" && json.format !== "graph-model") {
    throw new FileError(
      label,
      `holds a model of format ${quoted(String(json.format))}; layers-model and graph-model are read`,
    );
  }
  return json;
}

function isGroup(group: unknown): boolean {
  const { paths, weights } = (group ?? {}) as { paths?: unknown; weights?: unknown };
  const isSpec = ({ name, shape, dtype }: Record<string, unknown>): boolean =>
    typeof name === "string" &&
    typeof dtype === "string" &&
    Array.isArray(shape) &&
    shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  return (
    Array.isArray(paths) &&
    paths.every((path) => typeof path === "string") &&
    Array.isArray(weights) &&
    weights.every((spec) => isSpec((spec ?? {}) as Record<string, unknown>))
  );
}

export type WeightSpec = tf.io.WeightsManifestEntry;

const bytesPerValue: Record<string, number> = {
  float32: 4,
  int32: 4,
  bool: 1,
  complex64: 8,
  uint8: 1,
  uint16: 2,
  float16: 2,
};

/** Bytes that a weight takes in its file; undefined for strings, which carry their own length. */
export function weightBytes(spec: WeightSpec): number | undefined {
  const width = bytesPerValue[spec.quantization?.dtype ?? spec.dtype];
  return width === undefined ? undefined : width * tf.util.sizeFromShape(spec.shape);
}

/**
 * Refuses weights that hold a NaN or an infinity: everything computed with them would be one.
 * @param bytes all weights one after the other, in the order of `specs`
 * @param file for the message
 * @throws FileError
 */
export function checkWeightsFinite(bytes: ArrayBuffer, specs: readonly WeightSpec[], file: string): void {
  let offset = 0;
  for (const spec of specs) {
    const size = weightBytes(spec);
    if (size === undefined) return;
    const bad = notFinite(bytes.slice(offset, offset + size), spec);
    if (bad !== undefined) {
      throw new FileError(
        file,
        `has a weight that is ${bad}, in ${spec.name}`,
        "The training diverged, or the file was damaged: fetch it again or train again.",
      );
    }
    offset += size;
  }
}

function notFinite(bytes: ArrayBuffer, spec: WeightSpec): number | undefined {
  const { quantization } = spec;
  if (quantization?.dtype === "float16")
    return new Uint16Array(bytes).some((half) => (half & 0x7c00) === 0x7c00) ? NaN : undefined;
  if (quantization) return [quantization.scale, quantization.min].find((value) => !Number.isFinite(value));
  return spec.dtype === "float32" ? new Float32Array(bytes).find((value) => !Number.isFinite(value)) : undefined;
}
