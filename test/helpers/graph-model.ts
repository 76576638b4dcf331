// Converted TensorFlow graphs, written by hand.
import * as tf from "@tensorflow/tfjs";

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, object>>;
}

export const text = (value: string): object => ({ s: Buffer.from(value).toString("base64") });
export const texts = (...values: string[]): object => ({
  list: { s: values.map((value) => Buffer.from(value).toString("base64")) },
});
export const integers = (...values: number[]): object => ({ list: { i: values.map(String) } });
const dims = (...sizes: readonly number[]): object => ({ dim: sizes.map((size) => ({ size: String(size) })) });
const float = { type: "DT_FLOAT" };

/** A constant of the graph. */
export interface Constant {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly dtype?: "float32" | "int32";
}

/**
 * @param nodes after `image`, [batch, …shape]; the last one is the output
 * @param constants by name
 * @param takes how many images at once (−1: any number), and of which type
 */
export function graphModel(
  shape: readonly number[],
  nodes: readonly GraphNode[],
  constants: Readonly<Record<string, Constant>>,
  { batch = -1, type = "DT_FLOAT" }: { batch?: number; type?: string } = {},
): tf.GraphModel {
  const entries = Object.entries(constants),
    output = nodes.at(-1)!.name;
  const node = [
    { name: "image", op: "Placeholder", attr: { dtype: { type }, shape: { shape: dims(batch, ...shape) } } },
    ...entries.map(([name, { shape, dtype }]) => {
      const type = dtype === "int32" ? "DT_INT32" : "DT_FLOAT";
      return {
        name,
        op: "Const",
        attr: { dtype: { type }, value: { tensor: { dtype: type, tensorShape: dims(...shape) } } },
      };
    }),
    ...nodes.map((each) => ({ ...each, attr: { T: float, ...each.attr } })),
  ];
  const bytes = entries.map(([, { values, dtype }]) =>
    Buffer.from((dtype === "int32" ? Int32Array : Float32Array).from(values).buffer),
  );
  const weightData = Uint8Array.from(Buffer.concat(bytes)).buffer;
  const weightSpecs = entries.map(([name, { shape, dtype = "float32" }]) => ({ name, dtype, shape: [...shape] }));
  const signature = {
    inputs: { image: { name: "image:0", dtype: type, tensorShape: dims(batch, ...shape) } },
    outputs: { output: { name: `${output}:0`, dtype: "DT_FLOAT" } },
  };
  const artifacts = {
    modelTopology: { node, library: {}, versions: { producer: 1 } },
    signature,
    format: "graph-model",
    weightSpecs,
    weightData,
  };
  return tf.loadGraphModelSync(artifacts as never) as unknown as tf.GraphModel;
}
