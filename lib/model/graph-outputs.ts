// Nodes with several outputs (a split), made nodes of one output each.
import type * as tf from "@tensorflow/tfjs";
import { nodeName, type NodeDef } from "./graph-rectifiers";

/** TF.js's own form of a node, which it runs. */
interface RunNode {
  name: string;
  inputNames: string[];
  inputs: RunNode[];
  children: RunNode[];
}
interface Executor {
  graph: { nodes: Record<string, RunNode> };
  /** Orders of execution that it found before. */
  compiledMap?: Map<string, unknown>;
}

/**
 * A tap stands behind each node and goes by its name, which means the first output. Here whatever reads a further one
 * reads an
 * Identity of it instead: `split:1` becomes `split#1`. TF.js can be fed with one output of a node alone, too.
 */
export function nameOutputs(model: tf.GraphModel, nodes: Map<string, NodeDef>): void {
  const { graph, compiledMap } = (model as unknown as { executor: Executor }).executor;
  for (const node of [...nodes.values()]) {
    const input = (node.input ?? []).map((reference) => {
      const index = reference.startsWith("^") ? undefined : /:([1-9]\d*)$/.exec(reference)?.[1];
      const source = nodeName(reference),
        from = graph.nodes[source],
        run = graph.nodes[node.name];
      if (index === undefined || !from || !run) return reference;
      const name = `${source}#${index}`;
      const made = (graph.nodes[name] ??= identityOf(from, `${source}:${index}`, name));
      nodes.set(name, { name, op: "Identity", input: [reference] });
      run.inputNames.forEach((each, at) => {
        if (each !== `${source}:${index}`) return;
        run.inputNames[at] = name;
        run.inputs[at] = made;
        made.children.push(run);
      });
      return name;
    });
    // The node as it was read belongs to the graph: a copy is changed.
    if (input.some((each, at) => each !== node.input![at])) nodes.set(node.name, { ...node, input });
  }
  compiledMap?.clear();
}

function identityOf(from: RunNode, output: string, name: string): RunNode {
  const made = {
    name,
    op: "Identity",
    category: "graph",
    inputNames: [output],
    inputs: [from],
    children: [],
    outputs: [],
    inputParams: { x: { type: "tensor", inputIndexStart: 0 } },
    attrParams: {},
    rawAttrs: {},
  };
  from.children.push(made);
  return made;
}
