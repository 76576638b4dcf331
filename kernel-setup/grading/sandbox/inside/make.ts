import type * as tfTypes from "@tensorflow/tfjs";
import type { VisionModel } from "vitrine";
import type { EncodedLayer, Made } from "../../judge/arguments";

interface Vitrine {
  readonly tf: typeof tfTypes;
  readonly fashionClassNames: readonly string[];
  fromLayersModel(model: tfTypes.LayersModel, options: { name: string; classNames: readonly string[] }): VisionModel;
}

const floats = (text: string): Float32Array => new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);

/** One model that becomes the next one each time it is yielded: who keeps it has what it is in the end. */
async function* changing(models: readonly VisionModel[]): AsyncGenerator<VisionModel> {
  let now = 0;
  const model = new Proxy(models[0], {
    get: (_, key) => {
      const value: unknown = Reflect.get(models[now], key);
      return typeof value === "function" ? (value.bind(models[now]) as unknown) : value;
    },
  });
  for (const index of models.keys()) {
    now = index;
    yield model;
  }
}

/** Makes tensors, networks and functions of the judge's descriptions; all that it made can be disposed of. */
export class Maker {
  private made: (() => void)[] = [];
  readonly tensors: tfTypes.Tensor[] = [];

  constructor(private readonly vitrine: Vitrine) {}

  make(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((each) => this.make(each));
    if (typeof value !== "object" || value === null) return value;
    if (!("$vitrine" in value))
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.make(each)]));
    const { tf } = this.vitrine,
      made = value as Made;
    switch (made.$vitrine) {
      case "tensor":
        return this.tensor(made.shape, made.dtype, made.data);
      case "network":
        return this.network(made.shape, made.layers, made.classNames);
      case "logits": {
        const model = this.make(made.network) as VisionModel;
        return (x: tfTypes.Tensor4D) => model.logits(x);
      }
      case "training":
        return changing(made.networks.map((each) => this.make(each) as VisionModel));
      case "clamp":
        return (x: tfTypes.Tensor4D) => tf.clipByValue(x, made.low, made.high);
      case "smear":
        return (x: tfTypes.Tensor4D) =>
          tf.tidy(() => {
            const moved = tf.concat([x.slice([0, x.shape[1] - 1], [-1, 1]), x.slice([0, 0], [-1, x.shape[1] - 1])], 1);
            return tf.add(tf.mul(x, 0.5), tf.mul(moved, 0.5)) as tfTypes.Tensor4D;
          });
    }
  }

  dispose(): void {
    for (const each of this.made.splice(0)) each();
  }

  private tensor(shape: readonly number[], dtype: "float32" | "int32" | "bool", data: string): tfTypes.Tensor {
    const values = floats(data);
    const tensor = this.vitrine.tf.tensor(dtype === "float32" ? values : Int32Array.from(values), [...shape], dtype);
    this.tensors.push(tensor);
    this.made.push(() => tensor.dispose());
    return tensor;
  }

  private network(shape: readonly number[], layers: readonly EncodedLayer[], names?: readonly string[]): VisionModel {
    const { tf, fashionClassNames, fromLayersModel } = this.vitrine;
    const classes = layers[layers.length - 1].units;
    const network = tf.sequential({
      layers: [
        tf.layers.flatten({ inputShape: [...shape] }),
        ...layers.map(({ units, activation, bias }) =>
          tf.layers.dense({ units, activation, useBias: bias !== undefined }),
        ),
        tf.layers.softmax(),
      ],
    });
    const inputs = [shape.reduce((a, b) => a * b, 1), ...layers.map(({ units }) => units)];
    const weights = layers.flatMap(({ units, weights: values, bias }, i) => [
      tf.tensor2d(floats(values), [inputs[i], units]),
      ...(bias === undefined ? [] : [tf.tensor1d(floats(bias))]),
    ]);
    network.setWeights(weights);
    tf.dispose(weights);
    const classNames =
      names ??
      (classes === fashionClassNames.length
        ? fashionClassNames
        : Array.from({ length: classes }, (_, c) => `class ${c}`));
    const model = fromLayersModel(network, { name: "a small random network", classNames });
    this.made.push(() => model.dispose());
    return model;
  }
}
