import type * as tf from "@tensorflow/tfjs";
import type { InputEvidence, Rescaling } from "./input-evidence";
import type { LayerStep } from "./layer-step";

/** Layers further in see too little of the input's scale, as those before them have brought it to their own. */
const mostSteps = 8;

/** Follows a LayersModel from its input to its first batch normalization, as far as no branch begins. */
export async function layerEvidence(
  steps: readonly LayerStep[],
  run: (input: tf.Tensor, until: string) => tf.Tensor,
): Promise<InputEvidence> {
  let rescaling: Rescaling | undefined,
    before: LayerStep | undefined,
    slot = 0;
  for (let i = 0; i < mostSteps; i++) {
    const readers = steps.filter((step) => step.inputs.includes(slot));
    if (readers.length !== 1 || readers[0].inputs.length !== 1) break;
    const [step] = readers,
      kind = step.layer.getClassName();
    if (kind === "BatchNormalization") {
      const last = before;
      return {
        rescaling,
        norm: {
          layer: step.name,
          ...(await movingAverages(step.layer)),
          before: (input) => (last ? run(input, last.name) : input),
        },
      };
    }
    if (kind === "Rescaling" && weightless(steps, before)) rescaling = after(rescaling, step);
    before = step;
    [slot] = step.outputs;
  }
  return { rescaling };
}

/** Whether all so far only moves or pads what was given. */
function weightless(steps: readonly LayerStep[], last: LayerStep | undefined): boolean {
  return last === undefined || steps.slice(0, steps.indexOf(last) + 1).every(({ layer }) => layer.weights.length === 0);
}

function after(first: Rescaling | undefined, { name, layer }: LayerStep): Rescaling {
  const { scale = 1, offset = 0 } = layer.getConfig() as { scale?: number; offset?: number };
  return { layer: name, scale: (first?.scale ?? 1) * scale, offset: (first?.offset ?? 0) * scale + offset };
}

/** Scale and shift, which a layer may lack, come first among its weights. */
async function movingAverages(
  layer: tf.layers.Layer,
): Promise<{ mean: ArrayLike<number>; variance: ArrayLike<number> }> {
  const [mean, variance] = await Promise.all(
    layer
      .getWeights()
      .slice(-2)
      .map((weight) => weight.data()),
  );
  return { mean, variance };
}
