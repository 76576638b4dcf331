import * as tf from "@tensorflow/tfjs";
import type { AttributionOptions } from "../../attribution/attribution";
import { ranges } from "../../core/chunks";
import { attributionMethods, type AttributionMethod } from "../../attribution/methods";
import { badInput } from "../../core/errors";
import { nearNames } from "../../core/text";
import { firstMaximum } from "../../model/outputs";
import type { Model, VisionModel } from "../../model/vision-model";
import type { RawFrame } from "./frame-format";

/** Kebab-case or the function's own name: `input-x-gradient`, `inputXGradient`. @throws BadInputError */
export function namedMethod(name: string): { name: string; explain: AttributionMethod["explain"] } {
  const found = Object.entries(attributionMethods).find(
    ([kebab, { explain }]) => kebab === name || explain.name === name,
  );
  if (!found)
    badInput({
      what: "method",
      got: name,
      allowed: "the name of an attribution method",
      remedy: `Did you mean ${nearNames(String(name), Object.keys(attributionMethods), 2).join(" or ")}?`,
    });
  return { name: found[0], explain: found[1].explain };
}

export interface FrameMakerOptions {
  readonly explain: AttributionMethod["explain"];
  readonly options: AttributionOptions;
  /** Classes explained. Default: those predicted at each frame. */
  readonly targets?: readonly number[];
  readonly signal?: AbortSignal;
}

export type MadeFrame = Pick<RawFrame, "targets" | "probabilities" | "maps"> & { readonly mapShape: readonly number[] };

/**
 * What a network in training makes of the same inputs now. @param images [images, height, width, channels] or other
 * inputs, checked
 */
export async function makeFrame(
  model: Model,
  images: tf.Tensor,
  { explain, options, targets, signal }: FrameMakerOptions,
): Promise<MadeFrame> {
  const count = images.shape[0],
    classes = model.classNames.length;
  const probabilities = new Float32Array(count * classes);
  for (const { first, count: some } of ranges(count, options.batchSize ?? 32)) {
    const part = tf.tidy(() => model.probabilities(tf.slice(images, first, some)));
    probabilities.set((await part.data()) as Float32Array, first * classes);
    part.dispose();
  }
  const target =
    targets ??
    Array.from({ length: count }, (_, i) => firstMaximum(probabilities.subarray(i * classes, (i + 1) * classes)));
  // Methods that need images refuse other inputs themselves.
  const attribution = await explain(model as VisionModel, images, {
    ...options,
    target,
    signal,
    onProgress: () => undefined,
  });
  try {
    return {
      targets: Int32Array.from(target),
      probabilities,
      maps: (await attribution.values.data()) as Float32Array,
      mapShape: [...attribution.values.shape],
    };
  } finally {
    attribution.dispose();
  }
}
