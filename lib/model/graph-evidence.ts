import type * as tf from "@tensorflow/tfjs";
import type { NodeDef } from "./graph-rectifiers";
import type { InputEvidence, Rescaling, SeenInTraining } from "./input-evidence";

export interface GraphParts {
  readonly nodes: ReadonlyMap<string, NodeDef>;
  /** Names of the nodes that depend on the input, each after its inputs. */
  readonly order: readonly string[];
  readonly input: string;
  /** Of a node's reference: `name:0` → `name`. */
  readonly nameOf: (reference: string) => string;
  readonly weights: tf.GraphModel["weights"];
  run(input: tf.Tensor, until: string): tf.Tensor;
}

const norms = new Set(["FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"]);
const arithmetic = new Set(["Mul", "RealDiv", "Sub", "Add", "AddV2", "BiasAdd"]);

/**
 * What a converted graph shows. Most converters fold batch normalizations into the convolutions: then nothing is
 * left of them.
 */
export async function graphEvidence(graph: GraphParts): Promise<InputEvidence> {
  const [rescaling, norm] = await Promise.all([rescalingOf(graph), normOf(graph)]);
  return { rescaling, norm };
}

async function normOf({ nodes, order, input, nameOf, weights, run }: GraphParts): Promise<SeenInTraining | undefined> {
  const name = order.find((each) => norms.has(nodes.get(each)!.op));
  if (name === undefined) return undefined;
  const [from, , , ...averages] = nodes.get(name)!.input!.map(nameOf);
  const stored = averages.slice(0, 2).map((each) => weights[each]?.[0]);
  if (!stored.every((tensor) => tensor !== undefined && tensor.size > 0)) return undefined;
  const [mean, variance] = await Promise.all(stored.map((tensor) => tensor.data()));
  return { layer: name, mean, variance, before: (x) => (from === input ? x : run(x, from)) };
}

/** Sums and products with constants that stand between the input and the first other node. */
async function rescalingOf({ nodes, order, input, nameOf, weights }: GraphParts): Promise<Rescaling | undefined> {
  let found: Rescaling | undefined,
    at = input;
  for (;;) {
    const readers = order.filter((name) => nodes.get(name)!.input!.map(nameOf).includes(at));
    if (readers.length !== 1) return found;
    const [name] = readers,
      { op, input: inputs } = nodes.get(name)!;
    if (op === "Identity" || op === "Cast") {
      at = name;
      continue;
    }
    const [left, right] = inputs!.map(nameOf),
      constant = weights[left === at ? right : left]?.[0];
    if (!arithmetic.has(op) || constant === undefined || (left !== at && op === "RealDiv")) return found;
    const values = await constant.data(),
      value = Array.from(values).reduce((sum, each) => sum + each, 0) / values.length;
    const { scale, offset }: Pick<Rescaling, "scale" | "offset"> = found ?? { scale: 1, offset: 0 };
    const factor = op === "Mul" ? value : op === "RealDiv" ? 1 / value : op === "Sub" && left !== at ? -1 : 1;
    const term = op === "Mul" || op === "RealDiv" ? 0 : op === "Sub" && left === at ? -value : value;
    found = { layer: name, scale: scale * factor, offset: offset * factor + term };
    at = name;
  }
}
