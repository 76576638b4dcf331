// First, so that the backend is chosen before anything else makes a tensor.
export {
  backendChoice,
  compile,
  CompileError,
  ready,
  type BackendChoice,
  type Compiled,
  type CompileOptions,
  type GraphInfo,
  type Precision,
  type SaveGraphOptions,
} from "./backend";
export * as tf from "./tensorflow";
export * from "./core/errors";
export type {
  Embedding,
  ImageInput,
  Inputs,
  LayerInfo,
  LayerTap,
  Model,
  Prediction,
  PredictOptions,
  Values,
  VisionModel,
} from "./model/vision-model";
export { unpack, type InputPart } from "./model/packed-inputs";
export type { Attribution, AttributionOptions } from "./attribution/attribution";
export type { ClassRef, Target } from "./model/target";
export type { Figure, PlotlyLayout, PlotlyTrace } from "./plot/figure";
export type { ProgressReport } from "./runtime/progress";
export { fromGraphModel, type FromGraphModelOptions } from "./model/adapters";
export { fromLayersModel, type FromLayersModelOptions } from "./model/adapters";
export { fromWeights, type FromWeightsOptions } from "./model/from-weights";
export { loadModel, type LoadModelOptions } from "./model/load-model";
export { modelNames } from "./model/locate-model";
export { saveModel, type ModelMetadata, type SaveModelOptions } from "./model/save-model";
export type { Normalization, OutputKind, Preprocess, PreprocessName } from "./model/network-options";
export { progress, type ProgressBarOptions } from "./runtime/progress-bar";
export { time, timeit, type TimeitOptions } from "./runtime/time";
export { startProgress, type ProgressOptions, type ProgressTracker } from "./runtime/progress";
export { saliency, type SaliencyOptions } from "./attribution/saliency";
export type { ClassScore, LayerScore, Score, ScoreFunction } from "./attribution/score";
export type { FeatureMask } from "./attribution/occlusion";
export { inputXGradient, type InputXGradientOptions, type InputXGradientVariant } from "./attribution/input-x-gradient";
export { guidedBackprop } from "./attribution/rectifier-rules";
export { deconvolution } from "./attribution/rectifier-rules";
export { integratedGradients, type IntegratedGradientsOptions } from "./attribution/integrated-gradients";
export { smoothGrad, type SmoothGradOptions, type SmoothGradVariant } from "./attribution/smooth-grad";
export { gradCam, type GradCamOptions } from "./attribution/grad-cam";
export { guidedGradCam, type GuidedGradCamOptions } from "./attribution/rectifier-rules";
export {
  channelReductions,
  l2Norm,
  maxAbs,
  meanAbs,
  signedMean,
  signedSum,
  strongest,
  sumAbs,
  type ChannelReduction,
} from "./core/tensors";
export { quadratures, type Quadrature } from "./attribution/integrated-gradients";
export { occludedInputXGradient } from "./attribution/occluded-input-x-gradient";
export { occlusion, type OcclusionOptions } from "./attribution/occlusion";
export type { WindowSize } from "./core/sliding-window";
export type { Baseline } from "./attribution/explain";
export { attributionMethods, type AttributionMethod } from "./attribution/methods";
export type { Option as MethodOption, OptionKind } from "./core/options";
export type { AttackOptions, AttackResult, Epsilon, ResultFor } from "./attack/attack";
export { misclassified, targeted, type Criterion } from "./attack/criterion";
export type { EpsilonNorm, Norm } from "./attack/norms";
export { carliniWagner, type CarliniWagnerOptions } from "./attack/carlini-wagner";
export { deepFool, type DeepFoolOptions } from "./attack/deep-fool";
export { fgsm, type FgsmOptions } from "./attack/fgsm";
export { fooling, type FoolingOptions, type FoolingSpace } from "./attack/fooling";
export { normedGradient, type NormedGradientOptions } from "./attack/fgsm";
export { occlude, type OccludeOptions } from "./attack/occlude";
export { pgd, type PgdOptions } from "./attack/pgd";
export { randomNoise, type RandomNoiseOptions } from "./attack/random-noise";
export { robustAccuracy, successRate, type RobustnessPoint } from "./attack/criterion";
export { attackMethods, type AttackMethod } from "./attack/methods";
export {
  classVisualization,
  lastVisualization,
  maximize,
  objectives,
  parametrizations,
  regularizers,
  transforms,
  type ClassVisualization,
  type ClassVisualizationOptions,
  type ClassVisualizationState,
  type CriticOptions,
  type FourierOptions,
  type LastVisualization,
  type MaximizeOptions,
  type Objective,
  type OptimizerName,
  type Outside,
  type Parametrization,
  type Penalty,
  type Place,
  type RecipeStep,
  type Regularizer,
  type Snapshot,
  type Transform,
  type Visualization,
  type VisualizeOptions,
} from "./visualize";
export {
  MissingDataError,
  describeRegistry,
  encodePng,
  fashionClassNames,
  fromTensor,
  imagenetClassNames,
  loadFashionMnist,
  loadFlowerPhotograph,
  loadImage,
  loadImagenet,
  openFlowers,
  openImageFolder,
  loadImages,
  readIdx,
  readImage,
  readNpy,
  readNpz,
  readPth,
  readSafetensors,
  tensorToPixels,
  toTensor,
  writeNpy,
  writeNpz,
  writePng,
  writeSafetensors,
  type EntryState,
  type SkippedImage,
  type FashionMnistOptions,
  type FlowersOptions,
  type ImageFolder,
  type ImageFolderOptions,
  type ImageSet,
  type ImagenetImages,
  type ImagenetOptions,
  type LabelledImages,
  type LoadImageOptions,
  type NdArray,
  type Npz,
  type Pixels,
} from "./data";
export { deepNetwork, type DeepNetworkOptions } from "./model/architectures/deep-network";
export { foldNormalizations } from "./training/fold-normalizations";
export type { TrainOptions, TrainingStep } from "./training/train";
export { recordTraining, type RecordTrainingOptions } from "./training/record-training";
export type { RecordedImages, RecordedInputs } from "./training/recording/training-data";
export {
  openRecording,
  type FrameSummary,
  type RecordedFrame,
  type TrainingRecording,
} from "./training/recording/training-recording";
export type { RecordingSchedule } from "./training/recording/training-recording";
export type { TrainingData, TrainingInputs } from "./training/recording/training-data";
export { pixelsOf, type LabelledPixels } from "./training/recording/training-data";
export {
  adversariesThroughTraining,
  type AdversarialEpoch,
  type AdversariesThroughTrainingOptions,
} from "./training/adversaries-through-training";
export {
  measureAdversaries,
  type AdversarialMeasure,
  type AdversarialPoint,
  type MeasureAdversariesOptions,
} from "./training/adversaries-through-training";
export type { AdversarialOptions } from "./training/training-step";
export type { AugmentOptions } from "./training/augment";
export {
  integrateOverTraining,
  type IntegrateOverTrainingOptions,
  type TrainingIntegral,
} from "./training/integrate-over-training";
export { intersectionOverUnion, type Box } from "./metrics/box";
export { edgeCorrelation } from "./metrics/edge-correlation";
export { energyPointingGame, type EnergyOptions } from "./metrics/energy-pointing-game";
export { localize, type LocalizeOptions } from "./metrics/localize";
export type { Maps, ReductionOption } from "./metrics/read-maps";
export { boundingBoxes, type Boxes, type BoundingBoxesOptions } from "./plot/bounding-boxes";
export { animation, type AnimationOptions } from "./plot/animation";
export { attributionGrid, type AttributionGridOptions } from "./plot/attribution-grid";
export { attributionMap, type AttributionMapOptions } from "./plot/attribution-map";
export { attributionStrip, type AttributionStripOptions } from "./plot/attribution-strip";
export { beforeAfter, type BeforeAfterOptions } from "./plot/before-after";
export { channelGrid, type ChannelGridOptions } from "./plot/channel-grid";
export type { AttributionValues, MethodValues } from "./plot/attribution-values";
export { featureBars, type FeatureBarsOptions } from "./plot/feature-bars";
export { seriesAttribution, type SeriesAttributionOptions } from "./plot/series-attribution";
export { textHighlights, type TextHighlightsOptions } from "./plot/text-highlights";
export { figure, type FigureParts } from "./plot/make-figure";
export { recordingFilm, type FilmOptions, type RecordingFilmOptions } from "./plot/film/recording-film";
export { exportGif } from "./plot/film/export";
export { exportMp4, type ExportMp4Options } from "./plot/film/export";
export type { ExportOptions, FilmSource } from "./plot/film/export";
export { explore, type ExploreOptions } from "./plot/explore";
export { filmstrip, type FilmstripOptions } from "./plot/filmstrip";
export { imageGrid, type ImageGridOptions } from "./plot/image-grid";
export { maskOverlay, type MaskOverlayOptions } from "./plot/mask-overlay";
export { perturbationGrid, type PerturbationGridOptions } from "./plot/perturbation-grid";
export { probabilityBars, type ProbabilityBarsOptions } from "./plot/probability-bars";
export { robustnessCurve, type RobustnessCurveOptions } from "./plot/robustness-curve";
export { renderPng, type RenderOptions } from "./plot/show";
export type { Snapshots } from "./plot/filmstrip";
export { show } from "./plot/show";
