import type { PlanBuilder, Slot } from "./plan-builder";

/**
 * SqueezeNet v1.1 (Iandola and others 2016, arXiv:1602.07360; v1.1 is the authors' smaller second one). Layers:
 * `conv1`, `pool1`, `fire2` … `fire9` with their parts (`fire2/squeeze1x1`, `fire2/expand1x1`, `fire2/expand3x3`),
 * `conv10`, `pool10`.
 * @param reversed the first kernel was trained on BGR
 */
export function squeezenet(plan: PlanBuilder, reversed: boolean): Slot {
  const fire = (name: string, input: Slot): Slot => {
    const squeezed = plan.convolution(`${name}/squeeze1x1`, input, { size: 1 });
    const parts = [1, 3].map((size) => plan.convolution(`${name}/expand${size}x${size}`, squeezed, { size }));
    return plan.concat(name, "fire", parts);
  };
  let x = plan.convolution("conv1", plan.image, { size: 3, stride: 2, padding: 0, reversed });
  for (const [pool, ...fires] of [
    [1, 2, 3],
    [3, 4, 5],
    [5, 6, 7, 8, 9],
  ]) {
    x = plan.maxPool(`pool${pool}`, x, 3, 2);
    for (const number of fires) x = fire(`fire${number}`, x);
  }
  // conv1 and pool1 see 7 pixels, 4 from cell to cell; fire2 and fire3 one cell more on each side. Together a third of
  // the multiplications.
  plan.locality = { layer: "fire3", stride: 4, reach: [8, 14], margin: 2 };
  return plan.classMaps("conv10", "pool10", x, "fire9");
}

const blocks: Record<string, number> = {
  fire2: 3,
  fire3: 4,
  fire4: 6,
  fire5: 7,
  fire6: 9,
  fire7: 10,
  fire8: 11,
  fire9: 12,
};

/** torchvision's names: `features.3.squeeze` for `fire2/squeeze1x1`. */
export function torchvisionSqueezenetKey(layer: string): string {
  if (layer === "conv1") return "features.0";
  if (layer === "conv10") return "classifier.1";
  const [fire, part] = layer.split("/");
  return `features.${blocks[fire]}.${part === "squeeze1x1" ? "squeeze" : part}`;
}
