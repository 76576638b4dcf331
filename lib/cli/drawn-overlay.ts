// Where the image is in a picture of maps: `explain --overlay`.
import type * as tf from "@tensorflow/tfjs";
import { oneOf } from "../core/options";
import type { Figure } from "../plot/figure";

/** What each place is, as the figure is told about; the first is the default. */
export const overlayWords = {
  outline: "the image's edges drawn on it",
  under: "laid over the image",
  beside: "the image beside it",
  both: "laid over the image, and the image beside it",
  none: "without the image",
} as const;
export type Overlay = keyof typeof overlayWords;

export const overlayOption = oneOf(Object.keys(overlayWords) as Overlay[], {
  default: "outline",
  help:
    "where the image is in the picture: outline, its edges on the map; under, the map laid over it; beside, left of " +
    "the map; both, beside and under; none",
});

interface Words {
  readonly overlay: Overlay;
  readonly method: string;
  readonly network: string;
  /** Each map's class. */
  readonly titles: readonly string[];
}

/** @param maps of the images' height and width */
export async function attributionFigure(
  maps: tf.Tensor,
  images: tf.Tensor4D,
  { overlay, method, network, titles }: Words,
): Promise<Figure> {
  if (overlay === "beside" || overlay === "both") {
    const { attributionGrid } = require("../plot/attribution-grid") as typeof import("../plot/attribution-grid");
    return attributionGrid(
      images,
      { [method]: maps },
      // One scale for all maps, as where they stand alone.
      { title: network, titles, overlay: overlay === "both" ? "image" : "none", scale: "method" },
    );
  }
  const { attributionMap } = require("../plot/attribution-map") as typeof import("../plot/attribution-map");
  return attributionMap(maps, {
    ...(overlay !== "none" && { images, overlay: overlay === "under" ? ("image" as const) : ("outline" as const) }),
    title: `${method}, ${network}`,
    titles,
  });
}
