import { expect } from "chai";
import type { Figure } from "../../../lib/plot/figure";
import { attributionGrid } from "../../../lib/plot/attribution-grid";
import { attributionMap } from "../../../lib/plot/attribution-map";
import { attributionStrip } from "../../../lib/plot/attribution-strip";
import { beforeAfter } from "../../../lib/plot/before-after";
import { boundingBoxes } from "../../../lib/plot/bounding-boxes";
import { featureBars } from "../../../lib/plot/feature-bars";
import { imageGrid } from "../../../lib/plot/image-grid";
import { perturbationGrid } from "../../../lib/plot/perturbation-grid";
import { probabilityBars } from "../../../lib/plot/probability-bars";
import { seriesAttribution } from "../../../lib/plot/series-attribution";
import { textHighlights } from "../../../lib/plot/text-highlights";
import { renderSvg } from "../../../lib/plot/show";
import { clientBox, type Box, type SvgElement } from "../../../lib/plot/render/svg-geometry";
import { classNames, garment, probabilities, waves } from "./support/synthetic";

const long = "a garment with an exceedingly long title, of which some must be left out because it goes on and on";
const images = (n: number): number[][][] => Array.from({ length: n }, (_, k) => garment(k, 8));
const maps = (n: number): number[][][] => Array.from({ length: n }, (_, k) => waves(k, 1e-5, 8));

const figures: Record<string, () => Promise<Figure>> = {
  "one image": () => imageGrid(images(1), { titles: [long], title: long }),
  "twelve images with long titles": () =>
    imageGrid(images(12), { titles: Array.from({ length: 12 }, () => long), columns: 12 }),
  "maps with scales of their own": () =>
    attributionMap(maps(5), { scale: "each", titles: Array.from({ length: 5 }, () => long) }),
  "maps with one scale": () => attributionMap(maps(7), { titles: Array.from({ length: 7 }, () => long) }),
  "methods side by side": () =>
    attributionGrid(
      images(2),
      { saliency: maps(2), "guided backprop": maps(2), "integrated gradients": maps(2), occlusion: maps(2) },
      { titles: [long, "b"] },
    ),
  "methods, each map with its scale": () =>
    attributionGrid(images(3), { saliency: maps(3), [long]: maps(3) }, { scale: "each" }),
  "a strip of seven images": () =>
    attributionStrip(
      images(7),
      { saliency: maps(7), [long]: maps(7) },
      { titles: Array.from({ length: 7 }, () => long), title: long, signs: { saliency: "magnitude" } },
    ),
  "boxes of four kinds": () =>
    boundingBoxes(
      images(2),
      Object.fromEntries(
        ["by hand", long, "from the map of this method", "x"].map((name) => [
          name,
          images(2).map(() => ({ top: 1, left: 1, bottom: 5, right: 4 })),
        ]),
      ),
      { titles: [long, "b"], title: long },
    ),
  "bars of five images": () =>
    probabilityBars([0, 1, 2, 3, 4].map(probabilities), {
      classNames: classNames.map((name) => `${name} ${name}`),
      titles: Array.from({ length: 5 }, () => long),
    }),
  "perturbations with long texts": () =>
    perturbationGrid(
      images(2),
      images(2).map((image) => image.map((row) => row.map((v) => 0.9 * v))),
      {
        titles: [long, long],
        title: long,
        labels: { before: [long, long], after: [long, "b"], difference: ["a", long] },
      },
    ),
  "bars of features, methods side by side": () =>
    featureBars(
      { saliency: [numbers(6), numbers(6)], [long]: [numbers(6), numbers(6)], c: [numbers(6), numbers(6)] },
      {
        names: numbers(6).map((_, i) => (i % 2 ? long : "b")),
        inputs: [numbers(6), numbers(6)],
        titles: [long, "b"],
        title: long,
      },
    ),
  "bars of features, five inputs": () =>
    featureBars(
      images(5).map((_, i) => numbers(4 + 0 * i)),
      { titles: images(5).map(() => long) },
    ),
  "texts of long words": () =>
    textHighlights(
      [[...long], long.split(" ")].map((text) => text.map(String)),
      {
        saliency: [numbers(long.length), numbers(long.split(" ").length)],
        [long]: [numbers(long.length), numbers(long.split(" ").length)],
      },
      { titles: [long, long], title: long, columns: 2, join: "" },
    ),
  "series of two channels": () =>
    seriesAttribution(
      images(2).map(() => numbers(30).map((v) => [v, 1000 * v])),
      { [long]: images(2).map(() => numbers(30).map((v) => [v])) },
      { names: [long, "b"], titles: [long, "b"], title: long, step: long, height: 40 },
    ),
  "before and after": () =>
    beforeAfter(
      images(3),
      maps(3).map((map) => map.map((row) => row.map(Math.abs))),
      {
        titles: [long, long, "c"],
        classNames,
        probabilities: { before: [0, 1, 2].map(probabilities), after: [1, 2, 3].map(probabilities) },
      },
    ),
};

const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => 1e-5 * Math.sin(3 * i + 1));

type Dom = { window: { document: { querySelectorAll(selector: string): ArrayLike<SvgElement> } } };

/** As JupyterLab shows it where there is little room. */
const narrowed = ({ narrow, data, ...rest }: Figure): Figure => ({
  ...rest,
  data: data.map((trace, i) => ({ ...trace, ...narrow!.traces[i] })),
  layout: narrow!.layout,
});

/** Every text in the drawn figure with its box, as drawn. */
async function textsOf(figure: Figure): Promise<{ text: string; box: Box }[]> {
  const { JSDOM } = require("jsdom") as { JSDOM: new (html: string) => Dom };
  const { document } = new JSDOM(await renderSvg(figure)).window;
  return Array.from(document.querySelectorAll("text"), (element) => ({
    text: element.textContent ?? "",
    box: clientBox(element),
  })).filter(({ text }) => text.trim());
}

describe("layout of figures", () => {
  for (const [name, make] of Object.entries(figures)) {
    it(`lets no texts overlap or leave the figure: ${name}`, async () => {
      const figure = await make();
      await expectTidy(figure, 800);
      if (figure.narrow) await expectTidy(narrowed(figure), 568);
      else expect(figure.layout.width).to.be.at.most(568);
    });
  }

  async function expectTidy(figure: Figure, most: number): Promise<void> {
    const texts = await textsOf(figure);
    expect(texts.length).to.be.above(2);
    const [width, height] = [figure.layout.width as number, figure.layout.height as number];
    expect(width).to.be.at.most(most);
    texts.forEach(({ text, box }, i) => {
      expect(box.x, `left of ${text}`).to.be.at.least(-1);
      expect(box.y, `top of ${text}`).to.be.at.least(-1);
      expect(box.x + box.width, `right of ${text}`).to.be.at.most(width + 1);
      expect(box.y + box.height, `bottom of ${text}`).to.be.at.most(height + 1);
      for (const other of texts.slice(i + 1)) {
        const across = Math.min(box.x + box.width, other.box.x + other.box.width) - Math.max(box.x, other.box.x);
        const down = Math.min(box.y + box.height, other.box.y + other.box.height) - Math.max(box.y, other.box.y);
        // Lines' boxes have room above and below the letters; that much may touch.
        expect(across > 1 && down > 4, `"${text}" over "${other.text}"`).to.equal(false);
      }
    });
  }
});
