import * as tf from "@tensorflow/tfjs";

/** Values shown along the last two axes, and along those before. */
const INNER = 6,
  OUTER = 2;
/** What fits on a line of a notebook. */
const LINE = 76;

/**
 * Has `console.log`, Node's `util.inspect` and a notebook's results show a tensor, also one inside an object, an array
 * or a Map, by its type, shape and a corner of its values instead of by TF.js's inner fields.
 */
export function installTensorInspection(): void {
  Object.defineProperty(tf.Tensor.prototype, Symbol.for("nodejs.util.inspect.custom"), {
    configurable: true,
    writable: true,
    value(this: tf.Tensor, depth: number) {
      return tensorText(this, depth < 0);
    },
  });
}

function tensorText(tensor: tf.Tensor, brief: boolean): string {
  const { dtype, shape } = tensor;
  const heading = `${tensor instanceof tf.Variable ? "Variable" : "Tensor"} ${dtype} [${shape.join(", ")}]`;
  if (brief) return `[${heading}]`;
  if (tensor.isDisposed) return `${heading} (disposed)`;
  if (tensor.size === 0) return `${heading} (empty)`;
  const size = shape.map((length, axis) => Math.min(length, axis >= shape.length - 2 ? INNER : OUTER));
  const values = valueTexts(tensor, size);
  const line = `${heading} ${nested(values, size, shape, " ")}`;
  return line.length <= LINE ? line : `${heading}\n${nested(values, size, shape, "\n")}`;
}

function valueTexts(tensor: tf.Tensor, size: number[]): string[] {
  // Its numbers come in pairs, and slice cannot cut it on every backend.
  if (tensor.dtype === "complex64") return new Array<string>(tf.util.sizeFromShape(size)).fill("complex");
  const read = (part: tf.Tensor): string[] =>
    Array.from(part.dataSync() as ArrayLike<unknown>, (value) =>
      text(tensor.dtype === "bool" ? Boolean(value) : value),
    );
  return tf.tidy(() =>
    read(
      size.length === 0
        ? tensor
        : tensor.slice(
            size.map(() => 0),
            size,
          ),
    ),
  );
}

function nested(values: string[], size: number[], shape: number[], gap: " " | "\n", indent = ""): string {
  if (size.length === 0) return values[0];
  const more = size[0] < shape[0] ? ["…"] : [];
  if (size.length === 1) return `[${[...values, ...more].join(", ")}]`;
  const step = values.length / size[0];
  const rows = Array.from({ length: size[0] }, (_, i) =>
    nested(values.slice(i * step, (i + 1) * step), size.slice(1), shape.slice(1), gap, `${indent} `),
  );
  return `[${[...rows, ...more].join(gap === " " ? ", " : `,\n${indent} `)}]`;
}

const text = (value: unknown): string =>
  typeof value === "number"
    ? String(Number(value.toPrecision(5)))
    : typeof value === "string"
      ? JSON.stringify(value)
      : String(value);
