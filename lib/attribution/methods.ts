import type { AnySchema } from "../core/options";
import type { Inputs, VisionModel } from "../model/vision-model";
import { attributionOptions, type Attribution, type AttributionOptions } from "./attribution";
import { deconvolution, guidedBackprop, guidedGradCam, guidedGradCamOptions } from "./rectifier-rules";
import { gradCam, gradCamOptions } from "./grad-cam";
import { inputXGradient, inputXGradientOptions } from "./input-x-gradient";
import { integratedGradients, integratedGradientsOptions } from "./integrated-gradients";
import { occludedInputXGradient } from "./occluded-input-x-gradient";
import { occlusion, occlusionOptions } from "./occlusion";
import { saliency, saliencyOptions } from "./saliency";
import { smoothGrad, smoothGradOptions } from "./smooth-grad";

export interface AttributionMethod {
  /** The method itself; it checks what it is given. */
  explain(model: VisionModel, inputs: Inputs, options: AttributionOptions): Promise<Attribution>;
  /** Its options, those of {@link AttributionOptions} among them: what each may be, its default, a line of help. */
  readonly options: AnySchema;
}

/** Kebab-case name → method. */
export const attributionMethods: Readonly<Record<string, AttributionMethod>> = {
  saliency: { explain: saliency, options: saliencyOptions },
  "input-x-gradient": { explain: inputXGradient, options: inputXGradientOptions },
  "guided-backprop": { explain: guidedBackprop, options: attributionOptions },
  deconvolution: { explain: deconvolution, options: attributionOptions },
  "integrated-gradients": { explain: integratedGradients, options: integratedGradientsOptions },
  smoothgrad: { explain: smoothGrad, options: smoothGradOptions },
  "grad-cam": { explain: gradCam, options: gradCamOptions },
  "guided-grad-cam": { explain: guidedGradCam, options: guidedGradCamOptions },
  occlusion: { explain: occlusion, options: occlusionOptions },
  "occluded-input-x-gradient": { explain: occludedInputXGradient, options: occlusionOptions },
};
