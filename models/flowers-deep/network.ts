import type * as tf from "@tensorflow/tfjs";
import { deepNetwork } from "../../lib/model/architectures/deep-network";

export const size = 96;
export const filters = [16, 32, 64, 96, 128, 128] as const;

/** The network as it is before training. */
export const untrained = (classes: number): tf.LayersModel => deepNetwork({ inputShape: [size, size, 3], classes, poolings: 5, filters, dropout: 0.5 });

/** What its pictures go through in training. */
export const augment = { flip: true, crop: 0.6, colour: 0.3 };
