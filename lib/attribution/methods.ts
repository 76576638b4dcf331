import type { Inputs, VisionModel } from "../model/vision-model";
import type { MethodOption } from "../core/method-options";
import type { Attribution, AttributionOptions } from "./attribution";
import { deconvolution } from "./deconvolution";
import { gradCam } from "./grad-cam";
import { guidedBackprop } from "./guided-backprop";
import { guidedGradCam } from "./guided-grad-cam";
import { inputXGradient, inputXGradientVariants } from "./input-x-gradient";
import { integratedGradients } from "./integrated-gradients";
import { occludedInputXGradient } from "./occluded-input-x-gradient";
import { occlusion } from "./occlusion";
import { quadratures } from "./quadrature";
import { saliency } from "./saliency";
import { classScores } from "./score";
import { smoothGrad, smoothGradVariants } from "./smooth-grad";

export interface AttributionMethod {
  /** The method itself; it checks what it is given. */
  explain(model: VisionModel, inputs: Inputs, options: AttributionOptions): Promise<Attribution>;
  /** Its own options, beside those of {@link AttributionOptions}. */
  readonly options: Readonly<Record<string, MethodOption>>;
}

const score: MethodOption = { kind: classScores };
const windows = {
  score,
  window: { kind: "integers", required: true },
  stride: { kind: "integers", required: true },
  baseline: { kind: "number" },
} satisfies Record<string, MethodOption>;

/** Kebab-case name → method. */
export const attributionMethods: Readonly<Record<string, AttributionMethod>> = {
  saliency: { explain: saliency, options: { score, abs: { kind: "boolean" } } },
  "input-x-gradient": { explain: inputXGradient, options: { score, variant: { kind: inputXGradientVariants } } },
  "guided-backprop": { explain: guidedBackprop, options: { score } },
  deconvolution: { explain: deconvolution, options: { score } },
  "integrated-gradients": {
    explain: integratedGradients,
    options: { score, steps: { kind: "integer" }, quadrature: { kind: quadratures }, baseline: { kind: "number" } },
  },
  smoothgrad: {
    explain: smoothGrad,
    options: {
      score,
      samples: { kind: "integer" },
      sigma: { kind: "number" },
      seed: { kind: "integer" },
      variant: { kind: smoothGradVariants },
    },
  },
  "grad-cam": {
    explain: gradCam,
    options: { score, layer: { kind: "text" }, signed: { kind: "boolean" }, upsample: { kind: "boolean" } },
  },
  "guided-grad-cam": { explain: guidedGradCam, options: { score, layer: { kind: "text" } } },
  occlusion: { explain: occlusion, options: windows },
  "occluded-input-x-gradient": { explain: occludedInputXGradient, options: windows },
};
