/** The compiled package, as a user's program loads it, and the parts of it that have no public name. */
export const vitrine = require("vitrine") as typeof import("../../../lib");
export const { tf } = vitrine;
export const { train } = require("vitrine/dist/training/train.js") as typeof import("../../../lib/training/train");
export const { evaluate } =
  require("vitrine/dist/training/model-card.js") as typeof import("../../../lib/training/model-card");
export const { obtain } = require("vitrine/dist/data/obtain.js") as typeof import("../../../lib/data/obtain");
export const { decodeNumpyPickle } =
  require("vitrine/dist/data/numpy-pickle.js") as typeof import("../../../lib/data/numpy-pickle");
export const { noiseOf } = require("vitrine/dist/core/noise.js") as typeof import("../../../lib/core/noise");
export const { random } = require("vitrine/dist/core/random.js") as typeof import("../../../lib/core/random");
