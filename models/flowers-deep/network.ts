import type * as tf from "@tensorflow/tfjs";
import { deepNetwork } from "../../lib/model/architectures/deep-network";

export const size = 96;
/** Most are where pictures are small, and filters therefore cheap. */
export const filters = [16, 32, 64, 128, 192, 256] as const;

const network = (classes: number, normalized: boolean): tf.LayersModel =>
  deepNetwork({ inputShape: [size, size, 3], classes, poolings: 5, filters, dropout: 0.5, normalized });

/** The network as it is before training. */
export const untrained = (classes: number): tf.LayersModel => network(classes, false);

/** The same with batch normalizations, which are folded into its convolutions once it is trained. */
export const normalized = (classes: number): tf.LayersModel => network(classes, true);

/** What its pictures go through in training. */
export const augment = { flip: true, crop: 0.45, colour: 0.3 };
