// What the adapters for TensorFlow.js's networks ask of a network in the same way.
import { badInput } from "../core/errors";
import { nearNames } from "../core/text";

/**
 * The shape of one input.
 * @param own the network's, without the batch; null or −1 where any size goes
 * @param given the caller's
 * @throws BadInputError where a size is not known, or the caller's differs from the network's
 */
export function checkInputSides(own: readonly (number | null)[], name: string, given?: readonly number[]): number[] {
  const any = own.map((side) => (side !== null && side > 0 ? side : undefined));
  const words = `[batch, ${own.map((side) => (side !== null && side > 0 ? side : "any")).join(", ")}]`;
  const sides = any.map((side, axis) => side ?? given?.[axis]);
  const known = sides.every((side) => Number.isInteger(side) && side! > 0);
  if (!known || sides.length === 0) {
    badInput({
      what: "inputShape",
      got: given,
      allowed:
        own.length === 3
          ? `[height, width, channels], since ${name} takes ${words}`
          : `the shape of one input, since ${name} takes ${words}`,
    });
  }
  if (given && (given.length !== sides.length || given.some((side, axis) => side !== sides[axis]))) {
    badInput({ what: "inputShape", got: given, allowed: `[${sides.join(", ")}], what ${name} takes` });
  }
  return sides as number[];
}

/** Images have values in [0, 1], other inputs any. */
export const defaultBounds = (inputShape: readonly number[]): [number, number] =>
  inputShape.length === 3 ? [0, 1] : [-Infinity, Infinity];

/** @returns the index of the output that is meant @throws BadInputError for an unknown one, or none of several */
export function checkHead(
  head: string | number | undefined,
  names: readonly string[],
  shapes: readonly (readonly (number | null)[])[],
  network: string,
): number {
  const each = names.map((name, i) => `${name} [${shapes[i].join(", ")}]`).join(", ");
  if (head === undefined) {
    return names.length === 1
      ? 0
      : badInput({
          what: "head",
          got: undefined,
          allowed: `one of the outputs of ${network}: ${each}`,
          remedy: `For instance head: "${names[0]}".`,
        });
  }
  const index = typeof head === "number" ? head : names.indexOf(head);
  if (Number.isInteger(index) && index >= 0 && index < names.length) return index;
  return badInput({
    what: "head",
    got: head,
    allowed: `one of the outputs of ${network}: ${each}, or its index`,
    remedy: typeof head === "string" ? `Did you mean ${nearNames(head, names, 1)[0]}?` : undefined,
  });
}
