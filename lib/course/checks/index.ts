export { CheckFailed } from "./check-failed";
export { checkGradient, type GradientFunction } from "./gradient";
export { checkIntegratedGradients, type IntegratedGradientsFunction } from "./integrated-gradients";
export { checkOcclusionAttack, type OcclusionAttackFunction } from "./occlusion-attack";
export type { AttackSettings, TopLeft } from "./occlusion-reference";
