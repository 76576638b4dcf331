import * as tf from "@tensorflow/tfjs";
import type { ClassReadout, Locality, NetworkStep } from "./architectures/plan-builder";
import type { Network, RunOptions } from "./network-model";
import { runPlan, type Plan } from "./step-plan";
import type { LayerInfo, LocalLayers } from "./vision-model";

/** A network written here (architectures/), with its weights, which it owns. */
export class PlannedNetwork implements Network {
  private known?: readonly LayerInfo[];

  constructor(
    private readonly plan: Plan<NetworkStep>,
    private readonly owned: readonly tf.Tensor[],
    private readonly inputShape: readonly [number, number, number],
    private readonly readout?: ClassReadout,
    private readonly locality?: Locality,
  ) {}

  /** Found by running the network once, when first asked for. */
  get layers(): readonly LayerInfo[] {
    return (this.known ??= tf.tidy(() => {
      const shapes = new Map<string, number[]>();
      this.run(tf.zeros([1, ...this.inputShape]), {
        tap: (layer, output) => {
          shapes.set(layer, output.shape.slice(1));
          return output;
        },
      });
      return this.plan.steps.map(({ name, kind }) => ({ name, kind, outputShape: shapes.get(name)! }));
    }));
  }

  run(input: tf.Tensor, options: RunOptions = {}): tf.Tensor {
    return runPlan(this.plan, (step, inputs) => [step.apply(inputs)], input, options);
  }

  get local(): LocalLayers | undefined {
    const {
      locality,
      readout,
      inputShape: [height, width],
    } = this;
    if (!locality || !readout) return undefined;
    const { layer, stride, ...rest } = locality;
    return {
      ...rest,
      stride,
      cells: [height / stride - 1, width / stride - 1],
      maps: (images) => this.run(images, { until: layer }) as tf.Tensor4D,
      targetLogits: (maps, oneHot) => readout.logit(this.run(maps, { from: layer, until: readout.after }), oneHot),
    };
  }

  targetLogits(input: tf.Tensor4D, oneHot: tf.Tensor2D): tf.Tensor1D | undefined {
    return this.readout?.logit(this.run(input, { until: this.readout.after }), oneHot);
  }

  dispose(): void {
    tf.dispose([...this.owned]);
  }
}
