import { expect } from "chai";
import { attributionGrid } from "../../../lib/plot/attribution-grid";
import { attributionMap } from "../../../lib/plot/attribution-map";
import { attributionStrip } from "../../../lib/plot/attribution-strip";
import { beforeAfter } from "../../../lib/plot/before-after";
import { boundingBoxes } from "../../../lib/plot/bounding-boxes";
import { featureBars } from "../../../lib/plot/feature-bars";
import { imageGrid } from "../../../lib/plot/image-grid";
import { maskOverlay } from "../../../lib/plot/mask-overlay";
import { perturbationGrid } from "../../../lib/plot/perturbation-grid";
import { probabilityBars } from "../../../lib/plot/probability-bars";
import { seriesAttribution } from "../../../lib/plot/series-attribution";
import { textHighlights } from "../../../lib/plot/text-highlights";
import type { Figure } from "../../../lib/plot/figure";
import { classNames, colorful, garment, occluded, probabilities, waves } from "./support/synthetic";

/** A class may be called anything, and a notebook's text is what others open. */
const name = `<b>cat</b><a href="javascript:alert(1)">x</a> & co`;
const titles = [name, name],
  two = [garment(0), garment(1)],
  maps = [waves(0), waves(1)];
const named = classNames.map(() => name),
  both = [probabilities(0), probabilities(1)];

const figures: Record<string, () => Promise<Figure>> = {
  "imageGrid of grey images": () => imageGrid(two, { titles }),
  "imageGrid of coloured images": () => imageGrid([colorful(0), colorful(1)], { titles }),
  attributionMap: () => attributionMap(maps, { images: two, titles }),
  attributionGrid: () => attributionGrid(two, { [name]: maps }, { titles }),
  attributionStrip: () => attributionStrip(two, { [name]: maps }, { titles }),
  beforeAfter: () =>
    beforeAfter(two, two.map(occluded), { titles, classNames: named, probabilities: { before: both, after: both } }),
  perturbationGrid: () =>
    perturbationGrid(two, two.map(occluded), { titles, labels: { before: titles, after: titles } }),
  boundingBoxes: () =>
    boundingBoxes(
      two,
      {
        [name]: [
          { top: 1, left: 1, bottom: 4, right: 4 },
          { top: 1, left: 1, bottom: 4, right: 4 },
        ],
      },
      { titles },
    ),
  maskOverlay: () =>
    maskOverlay(
      two,
      two.map((image) => image.map((row) => row.map((value) => value > 0.5))),
      { titles },
    ),
  featureBars: () =>
    featureBars(
      {
        [name]: [
          [1, -2],
          [3, 4],
        ],
        other: [
          [1, 2],
          [3, 4],
        ],
      },
      {
        names: titles,
        titles,
        inputs: [
          [1, 2],
          [3, 4],
        ],
      },
    ),
  textHighlights: () =>
    textHighlights(
      [
        [name, "cat"],
        [name, name],
      ],
      {
        [name]: [
          [1, -2],
          [3, 4],
        ],
      },
      { titles },
    ),
  seriesAttribution: () =>
    seriesAttribution(
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
      {
        [name]: [
          [
            [1, 2],
            [3, -4],
          ],
        ],
      },
      { names: titles, titles: [name], step: name },
    ),
  probabilityBars: () => probabilityBars(both, { classNames: named, titles }),
};

/** All texts of a figure, wherever they stand. */
const textsOf = (part: unknown): string[] =>
  typeof part === "string" ? [part] : part && typeof part === "object" ? Object.values(part).flatMap(textsOf) : [];

describe("names in figures", () => {
  for (const [title, figure] of Object.entries(figures)) {
    it(`${title} shows them as text, in titles and where one points`, async () => {
      const { data, layout } = await figure();
      const said = textsOf({ data, layout }).filter((text) => /cat/.test(text));
      expect(said).to.not.deep.equal([]);
      // Line breaks and bold titles are ours.
      for (const text of said) expect(text).to.not.match(/<b>cat|<a |<\/a>/);
    });
  }
});
