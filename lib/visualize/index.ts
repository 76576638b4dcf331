import { alignment, diversity, critic, blur, l1, l2, totalVariation } from "./regularizers";
import { fourier, pixels } from "./parametrizations";
import { channel, deepDream, direction, logit, neuron } from "./objectives";
import { jitter, pad, rotate, scale } from "./transforms";

/** What `maximize` can make large. */
export const objectives = { logit, channel, neuron, direction, deepDream } as const;
/** What can be done to images before the network sees them. */
export const transforms = { jitter, scale, rotate, pad } as const;
/** What images should have little of. */
export const regularizers = { l2, l1, totalVariation, blur, alignment, diversity, critic } as const;
/** What is changed when an image is optimized. */
export const parametrizations = { pixels, fourier } as const;

export {
  classVisualization,
  type ClassVisualization,
  type ClassVisualizationOptions,
  type ClassVisualizationState,
} from "./class-visualization";
export type { Penalty, RecipeStep } from "./recipe-step";
export { lastVisualization, type LastVisualization } from "./iterate";
export { maximize, type MaximizeOptions } from "./maximize";
export type { FourierOptions } from "./parametrizations";
export type { Objective } from "./objectives";
export type { Place } from "./objectives";
export type { OptimizerName } from "./maximize";
export type { Parametrization } from "./parametrizations";
export type { CriticOptions } from "./regularizers";
export type { Regularizer } from "./regularizers";
export type { Outside } from "./transforms";
export type { Transform } from "./transforms";
export type { Snapshot, Visualization, VisualizeOptions } from "./visualization";
