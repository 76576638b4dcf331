// First, so that the backend is chosen before anything else makes a tensor.
export { backendChoice, ready, type BackendChoice } from "./backend";
export * as tf from "@tensorflow/tfjs";
export * from "./errors";
export type { ImageInput, LayerInfo, LayerTap, Prediction, PredictOptions, VisionModel } from "./model/vision-model";
export type { Attribution, AttributionOptions, ClassRef, Target } from "./attribution/attribution";
export type { Figure, PlotlyLayout, PlotlyTrace } from "./plot/figure";
export type { ProgressReport } from "./course/progress";
export { fromLayersModel, type FromLayersModelOptions } from "./model/from-layers-model";
export { loadModel, modelNames } from "./model/load-model";
export { saveModel, type ModelMetadata, type SaveModelOptions } from "./model/save-model";
export type { Normalization, Preprocess } from "./model/preprocess";
