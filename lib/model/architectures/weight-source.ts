import * as tf from "@tensorflow/tfjs";
import { FileError } from "../../core/errors";
import { quoted } from "../../core/text";
import type { NdArray } from "../../data/nd-array";

/** How a file lays its kernels out: TensorFlow's and Caffe.js' (in before out), or PyTorch's (out before in). */
export type WeightLayout = "HWIO" | "OIHW";

export interface Kernel<K extends tf.Tensor> {
  /** Convolutions: [height, width, in, out]; dense layers: [in, out]. */
  readonly kernel: K;
  /** [out] */
  readonly bias: tf.Tensor1D;
  readonly filters: number;
}

export interface WeightSourceOptions {
  readonly layout: WeightLayout;
  /** The file's prefix for a layer of ours: `fire2/squeeze1x1` → `features.3.squeeze`. Default: the same. */
  readonly keyOf?: (layer: string) => string;
}

/** PyTorch's and torchvision's, for batch normalization behind a convolution. */
const batchNormEpsilon = 1e-3;

/**
 * A file's arrays as the tensors that a network wants, each checked for its shape. Everything made is in `made`, to be
 * disposed of by whoever builds the network, also where building fails.
 */
export class WeightSource {
  readonly made: tf.Tensor[] = [];

  constructor(
    private readonly file: string,
    private readonly arrays: ReadonlyMap<string, NdArray>,
    private readonly options: WeightSourceOptions,
  ) {}

  /**
   * @param size of the window
   * @param channels that come in
   * @param reversed the input's channels come in the other order (RGB for a kernel that was trained on BGR)
   * @throws FileError that names the tensor which is missing or of another shape
   */
  convolution(layer: string, size: number, channels: number, reversed = false): Kernel<tf.Tensor4D> {
    const key = this.key(layer);
    if (!this.arrays.has(`${key}.weight`) && this.arrays.has(`${key}.conv.weight`))
      return this.normalizedConvolution(key, size, channels);
    const kernel = this.take(`${key}.weight`, this.kernelShape(size, channels), (weight) => {
      const ordered = this.options.layout === "OIHW" ? tf.transpose(weight, [2, 3, 1, 0]) : weight;
      return (reversed ? tf.reverse(ordered, 2) : ordered) as tf.Tensor4D;
    });
    const filters = kernel.shape[3];
    return { kernel, bias: this.vector(`${key}.bias`, filters), filters };
  }

  /** @param rearrange applied to the [in, out] matrix, where the network flattens in another order than the file */
  dense(layer: string, inputs: number, rearrange?: (matrix: tf.Tensor2D) => tf.Tensor2D): Kernel<tf.Tensor2D> {
    const key = this.key(layer),
      outFirst = this.options.layout === "OIHW";
    const kernel = this.take(`${key}.weight`, outFirst ? [undefined, inputs] : [inputs, undefined], (weight) => {
      const matrix = (outFirst ? tf.transpose(weight) : weight) as tf.Tensor2D;
      return rearrange ? rearrange(matrix) : matrix;
    });
    return { kernel, bias: this.vector(`${key}.bias`, kernel.shape[1]), filters: kernel.shape[1] };
  }

  /** A tensor under the file's own name. @param shape undefined: any size */
  tensor<T extends tf.Tensor>(name: string, shape: readonly (number | undefined)[]): T {
    return this.take(name, shape, (weight) => weight as T);
  }

  has(name: string): boolean {
    return this.arrays.has(name);
  }

  shapeOf(name: string): readonly number[] {
    return this.array(name).shape;
  }

  private vector(name: string, size: number): tf.Tensor1D {
    return this.tensor<tf.Tensor1D>(name, [size]);
  }

  /**
   * A convolution without a bias, with batch normalization behind it, as one convolution: y = γ (Wx − μ)/√(σ² + ε) + β.
   */
  private normalizedConvolution(key: string, size: number, channels: number): Kernel<tf.Tensor4D> {
    const weight = this.take(
      `${key}.conv.weight`,
      this.kernelShape(size, channels),
      (each) => tf.transpose(each, [2, 3, 1, 0]) as tf.Tensor4D,
    );
    const filters = weight.shape[3];
    const [gamma, beta, mean, variance] = ["weight", "bias", "running_mean", "running_var"].map((part) =>
      this.vector(`${key}.bn.${part}`, filters),
    );
    const [kernel, bias] = this.instead([weight, gamma, beta, mean, variance], () => {
      const scale = tf.div(gamma, tf.sqrt(tf.add(variance, batchNormEpsilon)));
      return [tf.mul(weight, scale), tf.sub(beta, tf.mul(mean, scale))];
    });
    return { kernel: kernel as tf.Tensor4D, bias: bias as tf.Tensor1D, filters };
  }

  /**
   * A layer normalization's scale and offset, and the dense layer behind it, as one that takes what is normalized only:
   * (γ x̂ + β) W + b = x̂ (γW) + (βW + b). In several parts of as many outputs where its outputs are of several kinds.
   */
  denseAfterNorm(norm: string, layer: string, width: number, parts = 1): Kernel<tf.Tensor2D>[] {
    const { kernel, bias, filters } = this.dense(layer, width);
    const [gamma, beta] = ["weight", "bias"].map((part) => this.vector(`${this.key(norm)}.${part}`, width));
    const folded = this.instead([kernel, bias, gamma, beta], () => [
      ...tf.split(tf.mul(tf.reshape(gamma, [width, 1]), kernel), parts, 1),
      ...tf.split(
        tf.add(tf.reshape(tf.matMul(tf.reshape(beta, [1, width]) as tf.Tensor2D, kernel), [filters]), bias),
        parts,
      ),
    ]);
    return Array.from({ length: parts }, (_, i) => ({
      kernel: folded[i] as tf.Tensor2D,
      bias: folded[parts + i] as tf.Tensor1D,
      filters: filters / parts,
    }));
  }

  /** A dense layer times a number, its bias times another. Default: the same. */
  scaled({ kernel, bias, filters }: Kernel<tf.Tensor2D>, factor: number, ofBias = factor): Kernel<tf.Tensor2D> {
    const [kernelNow, biasNow] = this.instead([kernel, bias], () => [tf.mul(kernel, factor), tf.mul(bias, ofBias)]);
    return { kernel: kernelNow as tf.Tensor2D, bias: biasNow as tf.Tensor1D, filters };
  }

  /** What is made of some tensors takes their place: none is held twice. */
  private instead(these: readonly tf.Tensor[], make: () => tf.Tensor[]): tf.Tensor[] {
    const made = tf.tidy(make);
    this.made.splice(0, this.made.length, ...this.made.filter((tensor) => !these.includes(tensor)), ...made);
    tf.dispose([...these]);
    return made;
  }

  private readonly key = (layer: string): string => this.options.keyOf?.(layer) ?? layer;

  private readonly kernelShape = (size: number, channels: number): (number | undefined)[] =>
    this.options.layout === "OIHW" ? [undefined, channels, size, size] : [size, size, channels, undefined];

  private array(name: string): NdArray {
    return (
      this.arrays.get(name) ??
      fail(this.file, `lacks the tensor ${quoted(name)}`, "It holds another network, or a part of one.")
    );
  }

  private take<T extends tf.Tensor>(
    name: string,
    shape: readonly (number | undefined)[],
    use: (weight: tf.Tensor) => T,
  ): T {
    const array = this.array(name);
    if (array.dtype !== "float32" && array.dtype !== "float64")
      fail(this.file, `holds tensor ${quoted(name)} of type ${array.dtype}, where numbers with fractions are needed`);
    const fits =
      array.shape.length === shape.length &&
      shape.every((size, axis) => size === undefined || size === array.shape[axis]);
    if (!fits) {
      const wanted = shape.map((size) => size ?? "any").join(", ");
      fail(
        this.file,
        `holds tensor ${quoted(name)} of shape [${array.shape.join(", ")}], where [${wanted}] is needed`,
        "It holds another network.",
      );
    }
    const values = Float32Array.from(array.data as Float32Array);
    if (!values.every(Number.isFinite))
      fail(this.file, `holds tensor ${quoted(name)} with values that are not finite`, "Fetch it again.");
    const made = tf.tidy(() => use(tf.tensor(values, [...array.shape])));
    this.made.push(made);
    return made;
  }
}

function fail(file: string, problem: string, remedy?: string): never {
  throw new FileError(file, problem, remedy);
}
