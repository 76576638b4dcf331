// The names that TensorFlow.js's layers put before their weights', taken back after an interrupt.
import * as tf from "@tensorflow/tfjs";

const marker = "vitrine-name-scope";
let scopes: unknown[] | undefined;

/**
 * A layer at work puts its name on a list, which weights made meanwhile have before their own; it takes it off in a
 * `catch` or
 * afterwards, and an interrupt runs neither. Every network built later would then have weights of other names, and none
 * that
 * is stored could be loaded.
 */
export function leaveNameScopes(): void {
  scopes ??= listOf();
  if (scopes) scopes.length = 0;
}

/** The list is nowhere to be reached but where a layer adds to it. */
function listOf(): unknown[] | undefined {
  const { push } = Array.prototype;
  let found: unknown[] | undefined;
  Array.prototype.push = function (this: unknown[], ...items: unknown[]): number {
    if (items[0] === marker) found = this;
    return push.apply(this, items);
  };
  try {
    tf.tidy(() => {
      tf.layers.activation({ activation: "linear", name: marker }).apply(tf.zeros([1, 1]));
    });
  } finally {
    Array.prototype.push = push;
  }
  return found;
}
