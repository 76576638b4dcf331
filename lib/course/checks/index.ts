export { CheckFailed } from "./check-failed";
export { checkBoundingBox, type BoundingBoxFunction } from "./bounding-box";
export { checkGradient, type GradientFunction } from "./gradient";
export { checkIntegratedGradients, type IntegratedGradientsFunction } from "./integrated-gradients";
export { checkOcclusionAttack, type OcclusionAttackFunction } from "./occlusion-attack";
export { checkSaliency, type SaliencyFunction } from "./saliency";
export { checkSmoothGrad, type SmoothGradFunction } from "./smooth-grad";
export type { AttackSettings, TopLeft } from "./occlusion-reference";
