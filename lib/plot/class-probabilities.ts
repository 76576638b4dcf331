import type * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { checkCount, type Nested } from "./pictures";

/** Probabilities of each class, for one image or for several: [classes] or [n, classes]. */
export type Probabilities =
  tf.Tensor1D | tf.Tensor2D | tf.Tensor | readonly number[] | readonly (readonly number[])[] | Float32Array;

/** Reads probabilities, one row for each image. @throws BadInputError for a wrong shape or numbers outside [0, 1] */
export async function readProbabilities(input: Probabilities, what: string): Promise<number[][]> {
  let value: unknown = input;
  if (typeof input === "object" && input !== null && "array" in input) value = await input.array();
  if (ArrayBuffer.isView(value)) value = Array.from(value as Float32Array);
  if (!Array.isArray(value) || value.length === 0)
    badInput({ what, got: value, allowed: "probabilities of each class, [classes] or [n, classes]" });
  const rows = (Array.isArray(value[0]) ? value : [value]) as Nested[][];
  rows.forEach((row, i) => {
    if (!Array.isArray(row) || row.length === 0 || row.length !== rows[0].length)
      badInput({
        what: `${what}[${i}]`,
        got: row,
        allowed: `${rows[0].length || "some"} probabilities, like the first`,
      });
    row.forEach((p, c) => {
      if (typeof p !== "number" || !(p >= -1e-6 && p <= 1 + 1e-4))
        badInput({
          what: `${what}[${i}][${c}]`,
          got: p,
          allowed: "a probability, 0 to 1",
          remedy: "Logits become probabilities through model.probabilities or tf.softmax.",
        });
    });
  });
  return rows as number[][];
}

/** The classes' names, or their numbers where none are given. */
export function checkedClassNames(classNames: readonly string[] | undefined, count: number): readonly string[] {
  if (classNames === undefined) return Array.from({ length: count }, (_, i) => `class ${i}`);
  if (!Array.isArray(classNames)) badInput({ what: "classNames", got: classNames, allowed: "an array of texts" });
  checkCount(classNames.length, count, "classNames", "probabilities of an image");
  return classNames;
}

/** The true classes' indices, one for each image. */
export function checkedLabels(
  labels: number | readonly number[] | undefined,
  images: number,
  classes: number,
): readonly (number | undefined)[] {
  if (labels === undefined) return Array.from({ length: images }, () => undefined);
  const all = typeof labels === "number" ? [labels] : labels;
  checkCount(all.length, images, "labels", "images");
  for (const label of all)
    if (!Number.isInteger(label) || label < 0 || label >= classes)
      badInput({ what: "a label", got: label, allowed: `a class index from 0 to ${classes - 1}` });
  return all;
}

/** The most probable class; of equals the first. */
export const predictedClass = (probabilities: readonly number[]): number =>
  probabilities.indexOf(Math.max(...probabilities));

/** A probability for people: three decimals, and never 1 or 0 for what is neither. */
export function probabilityText(p: number): string {
  if (p > 0 && p < 0.0005) return "<0.001";
  if (p < 1 && p >= 0.9995) return ">0.999";
  return p.toFixed(3);
}
