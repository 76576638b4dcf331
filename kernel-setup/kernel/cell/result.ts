// What a cell's last expression is shown as: its own bundle, a tensor's corner, or text.

import { inspect } from "util";
import type { MimeBundle } from "./bundle";
import { hasOwnBundle, ownBundle } from "./host";

const ALWAYS = 2;
const DEEPEST = 6;
/** About one screen: deeper levels are opened only while everything stays within it. */
const CHARACTERS = 4000;

/**
 * A value as text: nested as deep as it is readable. Two levels always, as Node does; more if the whole stays short.
 */
function valueText(value: unknown): string {
  let text = inspect(value, { depth: ALWAYS, colors: false });
  for (let depth = ALWAYS + 1; depth <= DEEPEST && /\[(Object|Array|[\w$]+)\]/.test(text); depth++) {
    const deeper = inspect(value, { depth, colors: false });
    if (deeper.length > CHARACTERS) break;
    text = deeper;
  }
  return text;
}

/**
 * A value that cannot be shown as it wants to be, because its own methods throw: as it is without them, and what went
 * wrong.
 */
function bareText(value: unknown, failure: unknown): string {
  const reason = attempt(() => String((failure as Error | undefined)?.message ?? failure)) ?? "an error without words";
  const bare = attempt(() => inspect(value, { depth: ALWAYS, customInspect: false, showProxy: true, colors: false }));
  return `${bare ?? Object.prototype.toString.call(value)}\n[how it wants to be shown failed: ${reason}]`;
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** What this needs of a tf.Tensor; recognised by its shape, because the kernel loads no TensorFlow.js of its own. */
interface TensorLike {
  dataId: object;
  shape: number[];
  dtype: string;
  isDisposed?: boolean;
  dataSync(): ArrayLike<unknown>;
  data(): Promise<ArrayLike<unknown>>;
  slice(begin: number[], size: number[]): TensorLike & { dispose(): void };
}

const SHOWN = 6;

function isTensor(value: unknown): value is TensorLike {
  const tensor = value as Partial<TensorLike> | null;
  return (
    typeof tensor === "object" &&
    tensor !== null &&
    "dataId" in tensor &&
    Array.isArray(tensor.shape) &&
    typeof tensor.dtype === "string" &&
    typeof tensor.dataSync === "function"
  );
}

/** Shape, dtype and the first values along each axis: `Tensor float32 [2, 3]`, then the corner. */
async function tensorText(tensor: TensorLike): Promise<string> {
  const heading = `Tensor ${tensor.dtype} [${tensor.shape.join(", ")}]`;
  if (tensor.isDisposed) return `${heading} (disposed)`;
  if (tensor.shape.includes(0)) return `${heading} (empty)`;
  if (tensor.shape.length === 0) return `${heading}\n${text((await tensor.data())[0])}`;
  const size = cornerOf(tensor.shape);
  const corner = tensor.slice(
    size.map(() => 0),
    size,
  );
  try {
    const values = Array.from(await corner.data());
    return `${heading}\n${nested(values, size, tensor.shape, "")}`;
  } finally {
    corner.dispose();
  }
}

/** How much of each axis is shown. */
export const cornerOf = (shape: readonly number[]): number[] =>
  shape.map((length, axis) => Math.min(length, axis >= shape.length - 2 ? SHOWN : 2));

/** A corner of that size in brackets, and a mark where the shape has more. */
export function nested(values: unknown[], size: number[], shape: number[], indent: string): string {
  const more = size[0] < shape[0];
  if (size.length === 1)
    return `[${values
      .map(text)
      .concat(more ? ["…"] : [])
      .join(", ")}]`;
  const step = values.length / size[0];
  const rows = Array.from({ length: size[0] }, (_, i) =>
    nested(values.slice(i * step, (i + 1) * step), size.slice(1), shape.slice(1), `${indent} `),
  );
  return `[${rows.concat(more ? ["…"] : []).join(`,\n${indent} `)}]`;
}

const text = (value: unknown): string =>
  typeof value === "number"
    ? String(Number(value.toPrecision(5)))
    : typeof value === "string"
      ? JSON.stringify(value)
      : String(value);

/** How a value is shown: the bundle it brings, or a text. @throws what its own display method throws */
export async function bundleOf(value: unknown): Promise<MimeBundle> {
  const text = async (): Promise<string> => (isTensor(value) ? tensorText(value) : valueText(value));
  try {
    if (!hasOwnBundle(value)) return { "text/plain": await text() };
  } catch (failure) {
    return { "text/plain": bareText(value, failure) };
  }
  return ownBundle(value);
}
