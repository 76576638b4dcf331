import { badInput } from "../core/errors";
import type { Model } from "../model/vision-model";
import type { Epsilon } from "./attack";
import type { EpsilonNorm } from "./norms";

/**
 * @returns the sizes as a list
 * @throws BadInputError unless each is a number from 0 to the largest size that a perturbation of the model's images
 * can have
 */
export function checkEpsilons(
  epsilon: Epsilon,
  norm: EpsilonNorm,
  { bounds: [low, high], inputShape }: Model,
): number[] {
  const most =
    norm === "linf" ? high - low : (high - low) * Math.sqrt(inputShape.reduce((product, side) => product * side, 1));
  const list = Array.isArray(epsilon) ? (epsilon as readonly number[]) : [epsilon as number];
  const wrong =
    list.length === 0
      ? epsilon
      : list.find((value) => !(typeof value === "number" && value >= 0 && value <= most && value < Infinity));
  if (list.length === 0 || list.some((value) => value === wrong || Number.isNaN(value))) {
    const bytes = norm === "linf" && (wrong as number) > most && (wrong as number) <= 255;
    badInput({
      what: "epsilon",
      got: list.length === 0 ? "an empty list" : wrong,
      allowed:
        most === Infinity
          ? `a number ≥ 0, or several: the ${names[norm]} of the perturbation`
          : `a number from 0 to ${Number(most.toPrecision(4))}, or several: the ${names[norm]} of the perturbation of an image in [${low}, ${high}]`,
      remedy: bytes ? `For ${String(wrong)} of 255 write ${String(wrong)} / 255.` : undefined,
    });
  }
  return [...list];
}

const names: Readonly<Record<EpsilonNorm, string>> = { linf: "largest change", l2: "L2 norm" };
