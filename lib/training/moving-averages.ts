import * as tf from "@tensorflow/tfjs";
import { layersOf } from "./layers-of";

/** TensorFlow.js's layers keep their weights in such a thing. */
interface LayerVariable {
  val: tf.Variable;
  read(): tf.Tensor;
  write(value: tf.Tensor): LayerVariable;
}
interface BatchNormLayer extends tf.layers.Layer {
  movingMean: LayerVariable;
  movingVariance: LayerVariable;
}

/**
 * The moving averages of a network's batch normalizations, which in training mode are written in the middle of the
 * forward pass. Within
 * `during` they come back as values instead, so that the pass is a pure function of tensors, which can be compiled.
 */
export class MovingAverages {
  readonly variables: readonly tf.Variable[];
  private readonly held: readonly LayerVariable[];
  private now?: Map<LayerVariable, tf.Tensor>;

  constructor(model: tf.LayersModel) {
    this.held = (layersOf(model, "BatchNormalization") as BatchNormLayer[]).flatMap(
      ({ movingMean, movingVariance }) => [movingMean, movingVariance],
    );
    this.variables = this.held.map(({ val }) => val);
    for (const variable of this.held) {
      const own = Object.getPrototypeOf(variable) as LayerVariable;
      // A layer that is called twice goes on from its own first call.
      variable.read = () => this.now?.get(variable) ?? own.read.call(variable);
      variable.write = (value) => {
        if (!this.now) return own.write.call(variable, value);
        this.now.get(variable)?.dispose();
        this.now.set(variable, tf.keep(value));
        return variable;
      };
    }
  }

  /** @returns what the work returns, and each variable's new value, which the caller owns */
  during<T>(work: () => T): [result: T, values: tf.Tensor[]] {
    const now = (this.now = new Map<LayerVariable, tf.Tensor>());
    try {
      const result = work();
      return [result, this.held.map((variable) => now.get(variable) ?? tf.clone(variable.val))];
    } catch (error) {
      tf.dispose([...now.values()]);
      throw error;
    } finally {
      this.now = undefined;
    }
  }

  /** Lets the layers write by themselves again. */
  dispose(): void {
    for (const variable of this.held) {
      delete (variable as Partial<LayerVariable>).read;
      delete (variable as Partial<LayerVariable>).write;
    }
  }
}
