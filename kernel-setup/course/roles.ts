import type * as vitrine from "vitrine";

/**
 * What an export of the library is when a task is marked.
 * - `tool`: there, in a check and in the judge's sandbox: it answers no task.
 * - `method`: what a sheet may ask students to write. Refuses while a check runs their function; is not there in the
 *   sandbox, except where the task's definition says so (`uses`).
 * - `drawing`: there in a check; does nothing in the sandbox, where nobody looks at figures.
 */
export type Role = "tool" | "method" | "drawing";

type Name = keyof typeof vitrine;

/** Every export has one: an export without a role, and a role without an export, do not compile. */
const roles: Record<Name, Role> = {
  ...given("tool", [
    "backendChoice",
    "compile",
    "CompileError",
    "ready",
    "tf",
    "VitrineError",
    "BadInputError",
    "InterruptedError",
    "badInput",
    "unpack",
    "fromGraphModel",
    "fromLayersModel",
    "fromWeights",
    "loadModel",
    "modelNames",
    "saveModel",
    "progress",
    "time",
    "timeit",
    "startProgress",
    "channelReductions",
    "l2Norm",
    "maxAbs",
    "meanAbs",
    "signedMean",
    "signedSum",
    "strongest",
    "sumAbs",
    "misclassified",
    "targeted",
    "robustAccuracy",
    "successRate",
    "FileError",
    "MissingDataError",
    "describeRegistry",
    "encodePng",
    "fashionClassNames",
    "fromTensor",
    "imagenetClassNames",
    "loadFashionMnist",
    "loadFlowerPhotograph",
    "loadImage",
    "loadImagenet",
    "openFlowers",
    "openImageFolder",
    "loadImages",
    "readIdx",
    "readImage",
    "readNpy",
    "readNpz",
    "readPth",
    "readSafetensors",
    "tensorToPixels",
    "toTensor",
    "writeNpy",
    "writeNpz",
    "writePng",
    "writeSafetensors",
    "deepNetwork",
    "intersectionOverUnion",
  ]),
  ...given("method", [
    "saliency",
    "inputXGradient",
    "guidedBackprop",
    "deconvolution",
    "integratedGradients",
    "smoothGrad",
    "gradCam",
    "guidedGradCam",
    "quadratures",
    "occludedInputXGradient",
    "occlusion",
    "attributionMethods",
    "carliniWagner",
    "deepFool",
    "fgsm",
    "fooling",
    "normedGradient",
    "occlude",
    "pgd",
    "randomNoise",
    "attackMethods",
    "classVisualization",
    "lastVisualization",
    "maximize",
    "objectives",
    "parametrizations",
    "regularizers",
    "transforms",
    "foldNormalizations",
    "recordTraining",
    "openRecording",
    "pixelsOf",
    "adversariesThroughTraining",
    "measureAdversaries",
    "integrateOverTraining",
    "edgeCorrelation",
    "energyPointingGame",
    "localize",
  ]),
  ...given("drawing", [
    "boundingBoxes",
    "animation",
    "attributionGrid",
    "attributionMap",
    "attributionStrip",
    "beforeAfter",
    "channelGrid",
    "featureBars",
    "seriesAttribution",
    "textHighlights",
    "figure",
    "recordingFilm",
    "explore",
    "exportGif",
    "exportMp4",
    "filmstrip",
    "imageGrid",
    "maskOverlay",
    "perturbationGrid",
    "probabilityBars",
    "robustnessCurve",
    "renderPng",
    "show",
  ]),
};

function given<const N extends Name, R extends Role>(role: R, names: readonly N[]): Record<N, R> {
  return Object.fromEntries(names.map((name) => [name, role])) as Record<N, R>;
}

/** @returns undefined for a name that `vitrine` does not export */
export const roleOf = (name: string): Role | undefined =>
  Object.hasOwn(roles, name) ? roles[name as Name] : undefined;

/** All names that have a role. */
export const namesWithRoles = (): string[] => Object.keys(roles);
