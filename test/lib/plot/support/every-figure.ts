import { maxAbs } from "../../../../lib/core/tensors";
import type { Figure } from "../../../../lib/plot/figure";
import { attributionGrid } from "../../../../lib/plot/attribution-grid";
import { attributionMap } from "../../../../lib/plot/attribution-map";
import { attributionStrip } from "../../../../lib/plot/attribution-strip";
import { beforeAfter } from "../../../../lib/plot/before-after";
import { boundingBoxes } from "../../../../lib/plot/bounding-boxes";
import { featureBars } from "../../../../lib/plot/feature-bars";
import { imageGrid } from "../../../../lib/plot/image-grid";
import { figure } from "../../../../lib/plot/make-figure";
import { maskOverlay } from "../../../../lib/plot/mask-overlay";
import { perturbationGrid } from "../../../../lib/plot/perturbation-grid";
import { probabilityBars } from "../../../../lib/plot/probability-bars";
import { robustnessCurve } from "../../../../lib/plot/robustness-curve";
import { seriesAttribution } from "../../../../lib/plot/series-attribution";
import { textHighlights } from "../../../../lib/plot/text-highlights";
import { classNames, colorful, garment, occluded, probabilities, waves } from "./synthetic";

const two = [garment(0), garment(1)];

/** One of each kind that a function of `lib/plot` makes, films and snapshots in time left out. */
export const everyFigure: Record<string, () => Figure | Promise<Figure>> = {
  "image-grid": () =>
    imageGrid(
      [0, 1, 2, 3].map((k) => garment(k)),
      {
        titles: ["Trouser", "Pullover", "a title so long that it takes two lines", "Bag & <b>"],
        title: "Four garments",
      },
    ),
  "image-grid-rgb": () => imageGrid([colorful(0), colorful(1)], { titles: ["one", "two"], columns: 1 }),
  "attribution-map-shared": () =>
    attributionMap([waves(0), waves(1, 0.4)], { images: two, titles: ["strong", "weak"] }),
  "attribution-map-each": () =>
    attributionMap([waves(0), waves(1, 0.4)], { scale: "each", titles: ["strong", "weak"] }),
  "attribution-map-over-image": () => attributionMap([waves(0), waves(1)], { images: two, overlay: "image" }),
  "attribution-map-magnitude": () => attributionMap([waves(0), waves(1)], { images: two, sign: "magnitude" }),
  "attribution-grid": () =>
    attributionGrid(
      two,
      {
        saliency: [waves(0), waves(1)],
        "guided backprop": [waves(2, 1e-4), waves(3, 1e-4)],
        "integrated gradients": [waves(4), waves(5)],
      },
      { titles: ["Trouser 0.99", "Pullover, taken for a coat"], title: "Three methods" },
    ),
  "attribution-grid-each": () =>
    attributionGrid(
      two,
      { saliency: [waves(0), waves(1)], occlusion: [waves(2), waves(3)] },
      { scale: "each", signs: { saliency: "magnitude" }, overlay: "none" },
    ),
  "attribution-grid-masks": () =>
    attributionGrid(
      two.map(occluded),
      { saliency: [waves(0), waves(1)] },
      {
        scale: "shared",
        masks: two.map((image) => occluded(image).map((row, y) => row.map((v, x) => v !== image[y][x]))),
      },
    ),
  "attribution-strip": () =>
    attributionStrip(
      [garment(0), garment(1), garment(2), garment(3)],
      {
        saliency: [0, 1, 2, 3].map((k) => waves(k, 10 ** -k)),
        "magnitudes, in a long name": [4, 5, 6, 7].map((k) => waves(k)),
      },
      {
        titles: ["Trouser", "Pullover, taken for a coat", "c", "d"],
        title: "Two kinds of maps",
        columns: 3,
        signs: { "magnitudes, in a long name": "magnitude" },
      },
    ),
  "attribution-strip-shared": () =>
    attributionStrip(
      [colorful(0, 14), colorful(1, 14)],
      { saliency: [waves(0), waves(1, 0.4)] },
      { scale: "shared", channels: maxAbs },
    ),
  "probability-bars": () =>
    probabilityBars([0, 1, 2].map(probabilities), {
      classNames,
      labels: [3, 2, 0],
      titles: ["first", "second", "third"],
      title: "What the network says",
    }),
  "probability-bars-top": () => probabilityBars(probabilities(1), { classNames, top: 4, labels: 2 }),
  "before-after": () =>
    beforeAfter(two, two.map(occluded), {
      titles: ["Trouser", "Pullover"],
      classNames,
      probabilities: { before: [probabilities(0), probabilities(1)], after: [probabilities(2), probabilities(3)] },
    }),
  "before-after-rgb": () =>
    beforeAfter(
      [colorful(0)],
      [colorful(0).map((row) => row.map((pixel) => pixel.map((v) => Math.min(1, v + 0.02))))],
      { magnify: 10, headings: ["original", "adversarial"] },
    ),
  "perturbation-grid": () =>
    perturbationGrid(
      [0, 1].map((k) => colorful(k)),
      [0, 1].map((k) =>
        colorful(k).map((row, y) =>
          row.map((pixel, x) =>
            pixel.map((v, c) => Math.min(1, Math.max(0, v + 0.03 * (k + 1) * Math.sin(x + 2 * y + 3 * c)))),
          ),
        ),
      ),
      {
        titles: ["first", "second"],
        labels: {
          before: ["quail 0.912", "hay 0.99"],
          after: ["stingray 0.565", "a class with a name that is too long for one line 0.42"],
          difference: ["jigsaw puzzle 0.4", "prayer rug 0.9"],
        },
        title: "Two fooling images",
      },
    ),
  "perturbation-grid-grey": () =>
    perturbationGrid(
      [two[0]],
      [two[0].map((row, y) => row.map((v, x) => Math.min(1, Math.max(0, v + 0.1 * Math.sign(Math.sin(x * y))))))],
      { magnify: 5 },
    ),
  "robustness-curve": () =>
    robustnessCurve(
      {
        FGSM: [
          { epsilon: 0, share: 0.95 },
          { epsilon: 0.005, share: 0.5 },
          { epsilon: 0.01, share: 0.3 },
          { epsilon: 0.05, share: 0.1 },
        ],
        "random noise": [
          { epsilon: 0, share: 0.95 },
          { epsilon: 0.05, share: 0.8 },
        ],
      },
      { title: "Twenty photographs", count: 20 },
    ),
  "robustness-curve-logarithmic": () =>
    robustnessCurve(
      Object.fromEntries(
        [
          "the sign step",
          "ten steps (PGD)",
          "random noise of equal size",
          "the sign step, shown to another network",
        ].map((name, i) => [
          name,
          [0, 0.0005, 0.001, 0.005, 0.01, 0.1].map((epsilon) => ({
            epsilon,
            share: 1 / (1 + (4 - i) * 100 * epsilon),
          })),
        ]),
      ),
      { title: "Four curves with long names", logarithmic: true, axis: "largest change of a value" },
    ),
  "mask-overlay": () =>
    maskOverlay(
      two,
      two.map((image) => occluded(image).map((row, y) => row.map((v, x) => v !== image[y][x]))),
      { titles: ["Trouser", "Pullover"] },
    ),
  "bounding-boxes": () =>
    boundingBoxes(
      [colorful(0), colorful(1), colorful(2)],
      {
        "by hand": [
          { top: 2, left: 3, bottom: 10, right: 9 },
          { top: 0, left: 0, bottom: 12, right: 12 },
          { top: 5, left: 1, bottom: 6, right: 2 },
        ],
        "from the map": [
          { top: 3, left: 3, bottom: 11, right: 10 },
          { top: 4, left: 4, bottom: 8, right: 8 },
          undefined,
        ],
      },
      { titles: ["near", "within", "a single pixel, and none"], title: "Two kinds of boxes" },
    ),
  "feature-bars": () =>
    featureBars(
      {
        saliency: [
          [0.4, -0.1, 1.3, 0],
          [0.2, 0.3, -0.9, 0.1],
        ],
        "a magnitude": [
          [4, 1, 3, 0],
          [2, 3, 9, 1],
        ],
      },
      {
        names: ["sepal length", "sepal width", "petal length", "a name so long that it is cut somewhere"],
        inputs: [
          [5.1, 3.5, 1.4, 0.2],
          [6.4, 3.2, 4.5, 1.5],
        ],
        titles: ["setosa", "versicolor"],
        title: "Two flowers",
      },
    ),
  "text-highlights": () =>
    textHighlights(
      [[..."Guten Morgen"], [..."Bonjour"]],
      {
        occlusion: [waves(0)[3].slice(0, 12), waves(1)[5].slice(0, 7)],
        "its size": [waves(0)[3].slice(0, 12).map(Math.abs), waves(1)[5].slice(0, 7).map(Math.abs)],
      },
      { titles: ["German", "French"], columns: 2, size: 20 },
    ),
  "series-attribution": () =>
    seriesAttribution(
      [0, 1].map((k) => waves(k)[5].map((value, i) => [value, i])),
      [0, 1].map((k) => waves(k + 3).map((row) => [row[5], row[8]])),
      { names: ["wave", "ramp"], titles: ["one", "two"], segments: [[4, 8], undefined], step: "hour" },
    ),
  "own-figure": () =>
    figure({
      data: [
        { type: "scatter", x: [1, 2, 3], y: new Float32Array([0.9, 0.4, NaN]), name: "loss" },
        { type: "scatter", x: [1, 2, 3], y: [0.3, 0.6, 0.7], name: "accuracy", line: { dash: "dash" } },
      ],
      layout: {
        title: "Training",
        xaxis: { title: { text: "epoch" } },
        shapes: [{ type: "rect", x0: 1.5, x1: 2.5, y0: 0.35, y1: 0.65, line: { dash: "dot", color: "#D55E00" } }],
        annotations: [{ x: 2, y: 0.4, text: "an <i>arrow</i>", showarrow: true }],
      },
      caption:
        "Loss and accuracy over three epochs, in a sentence that is long enough to need a second line below the plot.",
    }),
};
