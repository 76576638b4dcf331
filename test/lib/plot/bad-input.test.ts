import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { l2Norm, maxAbs, type ChannelReduction } from "../../../lib/core/tensors";
import { attributionGrid } from "../../../lib/plot/attribution-grid";
import { attributionMap } from "../../../lib/plot/attribution-map";
import { attributionStrip } from "../../../lib/plot/attribution-strip";
import { beforeAfter } from "../../../lib/plot/before-after";
import { boundingBoxes } from "../../../lib/plot/bounding-boxes";
import { imageGrid } from "../../../lib/plot/image-grid";
import { featureBars } from "../../../lib/plot/feature-bars";
import { figure } from "../../../lib/plot/make-figure";
import { maskOverlay } from "../../../lib/plot/mask-overlay";
import { perturbationGrid } from "../../../lib/plot/perturbation-grid";
import { probabilityBars } from "../../../lib/plot/probability-bars";
import type { Nested } from "../../../lib/plot/pictures";
import { robustnessCurve } from "../../../lib/plot/robustness-curve";
import { seriesAttribution } from "../../../lib/plot/series-attribution";
import { show } from "../../../lib/plot/show";
import { textHighlights } from "../../../lib/plot/text-highlights";
import type { Figure } from "../../../lib/plot/figure";

const image = [
  [0, 0.5],
  [0.5, 1],
];
const box = { top: 0, left: 0, bottom: 1, right: 2 };
const cases: [string, () => unknown, RegExp][] = [
  [
    "NaN in an image",
    () =>
      imageGrid([
        image,
        [
          [0, NaN],
          [0, 0],
        ],
      ]),
    /^the value of images\[1\] at row 0, column 1 is NaN; allowed: finite numbers\.$/,
  ],
  [
    "bytes for an image",
    () =>
      imageGrid([
        [
          [0, 255],
          [0, 0],
        ],
      ]),
    /^a value of images\[0\] is 255; allowed: 0 to 1\. Divide bytes by 255/,
  ],
  ["a vector", () => imageGrid([0, 1, 0]), /^the shape of images is \[3\]; allowed: \[n, height, width, channels\]/],
  ["five axes", () => imageGrid([[[[[1]]]]]), /^the shape of images is \[1, 1, 1, 1, 1\]/],
  ["no images", () => imageGrid([]), /^the shape of images is \[0\]/],
  ["an empty batch", () => imageGrid(tf.zeros([0, 4, 4, 1])), /^images is "an empty batch"; allowed: at least one\.$/],
  [
    "images without pixels",
    () => imageGrid(tf.zeros([2, 0, 4, 1])),
    /^the shape of images is \[2, 0, 4, 1\]; allowed: no axis of length 0\.$/,
  ],
  [
    "two channels",
    () =>
      imageGrid([
        [
          [
            [0, 1],
            [0, 1],
          ],
        ],
      ]),
    /^the number of channels of images\[0\] is 2; allowed: 1 \(grey\) or 3 \(RGB\)\.$/,
  ],
  [
    "ragged rows",
    () => imageGrid([[0, 1], [0]]),
    /^an array inside images is "of 1 entries"; allowed: 2, like the first one\.$/,
  ],
  ["text for numbers", () => imageGrid([["a"]] as never), /^a value of images is "a"; allowed: a number\.$/],
  [
    "nothing",
    () => imageGrid(undefined as never),
    /^images is undefined; allowed: a tensor or nested arrays of numbers\.$/,
  ],
  [
    "a disposed tensor",
    () => {
      const x = tf.zeros([2, 2]);
      x.dispose();
      return imageGrid(x);
    },
    /^images is "a disposed tensor"/,
  ],
  [
    "too few titles",
    () => imageGrid([image, image], { titles: ["one"] }),
    /^titles is \["one"\]; allowed: 2 texts, one for each\.$/,
  ],
  ["no columns", () => imageGrid([image], { columns: 0 }), /^columns is 0; allowed: an integer from 1 to 20\.$/],
  ["an empty range", () => imageGrid([image], { range: [1, 1] }), /^range is \[1, 1\]; allowed: /],
  ["an empty caption", () => imageGrid([image], { caption: " " }), /^caption is " "; allowed: a sentence or two\./],
  [
    "an unknown scale",
    () => attributionMap([image], { scale: "both" as never }),
    /^scale is "both"; allowed: shared, each\. Did you mean /,
  ],
  ["an unknown sign", () => attributionMap([image], { sign: "positive" as never }), /^sign is "positive"; allowed: /],
  [
    "an overlay without images",
    () => attributionMap([image], { overlay: "image" }),
    /^images is undefined; allowed: the images that the maps explain, with overlay "image"\.$/,
  ],
  [
    "maps of another size",
    () => attributionMap([[[1, 2, 3, 4]]], { images: [image] }),
    /^the size of maps\[0\] is "1 by 4 pixels"; allowed: 2 by 2, its image's\. Upsample it first\.$/,
  ],
  [
    "an unknown reduction",
    () => attributionMap([image], { channels: "max" as never }),
    /^channels is "max"; allowed: sum, strongest, or a reduction such as maxAbs\. /,
  ],
  [
    "a reduction that returns another shape",
    () => attributionMap([image], { channels: (values) => values.reshape([1, 4, 1, 1]) }),
    /^what channels returned is \[1, 4, 1, 1\]; allowed: a tensor \[1, 2, 2, 1\]\.$/,
  ],
  [
    "a reduction that returns none",
    () => attributionMap([image], { channels: (() => undefined) as never }),
    /^what channels returned is undefined/,
  ],
  [
    "a slip in an option's name",
    () => imageGrid([image], { colums: 2 } as never),
    /^the name of an option is "colums"; allowed: titles, columns, range, title, caption\. Did you mean columns\?$/,
  ],
  ["a number for a title", () => imageGrid([image], { title: 5 as never }), /^title is 5; allowed: a text\.$/],
  [
    "numbers for titles",
    () => imageGrid([image], { titles: [5] as never }),
    /^titles is \[5\]; allowed: a list of texts/,
  ],
  [
    "three headings for two images",
    () => beforeAfter([image], [image], { headings: ["a", "b", "c"] as never }),
    /^headings is \["a", "b", "c"\]; allowed: 2 texts\.$/,
  ],
  [
    "a slip in the labels",
    () => perturbationGrid([image], [image], { labels: { befor: ["a"] } as never }),
    /^the name of an option of labels is "befor"; allowed: before, after, difference\./,
  ],
  ["a percentile of 0", () => attributionMap([image], { percentile: 0 }), /^percentile is 0; allowed: /],
  ["an opacity of 2", () => attributionMap([image], { images: [image], opacity: 2 }), /^opacity is 2; allowed: /],
  ["infinite maps", () => attributionMap([[1, Infinity]]), /^the value of maps at row 0, column 1 is Infinity/],
  ["no methods", () => attributionGrid([image], {}), /^maps is \{\}; allowed: an object with the maps of each method/],
  [
    "a method with too few maps",
    () => attributionGrid([image, image], { saliency: [image] }),
    /^the number of maps\.saliency is 1; allowed: 2, one for each of the images\.$/,
  ],
  [
    "the sign of an unknown method",
    () => attributionGrid([image], { saliency: [image] }, { signs: { salience: "signed" } }),
    /^a name in signs is "salience"; allowed: "saliency"\.$/,
  ],
  [
    "a strip without maps",
    () => attributionStrip([image], {}),
    /^maps is \{\}; allowed: an object with the maps of each method/,
  ],
  [
    "a strip with an unknown scale",
    () => attributionStrip([image], { a: [image] }, { scale: "row" as never }),
    /^scale is "row"; allowed: each, shared\. /,
  ],
  [
    "logits for probabilities",
    () => probabilityBars([3.2, -1]),
    /^probabilities\[0\]\[0\] is 3\.2; allowed: a probability, 0 to 1\. Logits become probabilities/,
  ],
  ["NaN for a probability", () => probabilityBars([NaN, 1]), /^probabilities\[0\]\[0\] is NaN/],
  ["no probabilities", () => probabilityBars([]), /^probabilities is \[\]; allowed: /],
  [
    "too few class names",
    () => probabilityBars([0.5, 0.5], { classNames: ["a"] }),
    /^the number of classNames is 1; allowed: 2, /,
  ],
  [
    "a label out of range",
    () => probabilityBars([0.5, 0.5], { labels: 2 }),
    /^a label is 2; allowed: a class index from 0 to 1\.$/,
  ],
  [
    "pairs that are none",
    () => beforeAfter([image], [image, image]),
    /^the number of images after is 2; allowed: 1, one for each of the images before\.$/,
  ],
  [
    "pairs of other sizes",
    () => beforeAfter([image], [[[0, 0, 0, 0]]]),
    /^the size of after\[0\] is "1 by 4 pixels"; allowed: 2 by 2/,
  ],
  [
    "shrinking a difference",
    () => beforeAfter([image], [image], { magnify: 0.5 }),
    /^magnify is 0\.5; allowed: a number ≥ 1, or "auto"\.$/,
  ],
  [
    "perturbations that are no pairs",
    () => perturbationGrid([image], [image, image]),
    /^the number of images after is 2; allowed: 1/,
  ],
  [
    "shrinking a perturbation",
    () => perturbationGrid([image], [image], { magnify: 0 }),
    /^magnify is 0; allowed: a number ≥ 1, or "auto"\.$/,
  ],
  [
    "labels of another count",
    () => perturbationGrid([image], [image], { labels: { after: ["a", "b"] } }),
    /^labels\.after is \["a", "b"\]; allowed: 1 text, one for each\.$/,
  ],
  ["no curves", () => robustnessCurve({}), /^curves is \{\}; allowed: an object with the points of each curve/],
  ["a curve without points", () => robustnessCurve({ FGSM: [] }), /^curves\.FGSM is \[\]; allowed: at least one point/],
  [
    "shares in percent",
    () => robustnessCurve({ FGSM: [{ epsilon: 0, share: 95 }] }),
    /^a share of curves\.FGSM is 95; allowed: a number from 0 to 1\.$/,
  ],
  [
    "half an input",
    () => robustnessCurve({ FGSM: [{ epsilon: 0, share: 1 }] }, { count: 0.5 }),
    /^count is 0\.5; allowed: /,
  ],
  [
    "masks of another count",
    () => maskOverlay([image, image, image], [image, image]),
    /^the number of masks is 2; allowed: 3, one for each of the images\.$/,
  ],
  [
    "no boxes",
    () => boundingBoxes([image], {}),
    /^boxes is \{\}; allowed: an object with 1 to 4 kinds of boxes by their names/,
  ],
  ["boxes without a name", () => boundingBoxes([image], [box] as never), /^boxes is \[.*\]; allowed: an object/],
  [
    "boxes of another count",
    () => boundingBoxes([image, image], { found: [box] }),
    /^the number of boxes\["found"\] is 1; allowed: 2, one for each of the images\.$/,
  ],
  [
    "a box outside its image",
    () => boundingBoxes([image], { found: [{ ...box, right: 3 }] }),
    /^boxes\["found"\]\[0\] is \{.*\}; allowed: \{ top, left, bottom, right \} in whole pixels, .* inside the 2 by 2 pixels\./,
  ],
  ["an empty box", () => boundingBoxes([image], { found: [{ ...box, bottom: 0 }] }), /^boxes\["found"\]\[0\] is /],
  [
    "bars of no methods",
    () => featureBars({}),
    /^values is \{\}; allowed: an attribution, numbers, or an object with those of each method/,
  ],
  [
    "bars of a series",
    () => featureBars([[[1]]]),
    /^the shape of values is \[1, 1, 1\]; allowed: \[features\] or \[inputs, features\]\. seriesAttribution draws/,
  ],
  ["NaN in a bar", () => featureBars({ a: [1, NaN] }), /^value 1 of values\.a is NaN; allowed: finite numbers\.$/],
  [
    "too few features' names",
    () => featureBars([1, 2], { names: ["a"] }),
    /^the number of names is 1; allowed: 2, one for each feature\.$/,
  ],
  [
    "methods of unlike inputs",
    () =>
      featureBars({
        a: [1, 2],
        b: [
          [1, 2],
          [3, 4],
        ],
      }),
    /^the number of inputs of values\.b is 2; allowed: 1/,
  ],
  [
    "methods of unlike features",
    () => featureBars({ a: [1, 2], b: [1] }),
    /^the number of features of values\.b is 1; allowed: 2/,
  ],
  [
    "inputs of another count",
    () => featureBars([1, 2], { inputs: [1, 2, 3] }),
    /^the number of features of inputs is 3; allowed: 2/,
  ],
  ["the top 0 features", () => featureBars([1, 2], { top: 0 }), /^top is 0; allowed: an integer ≥ 1\.$/],
  [
    "an unknown order",
    () => featureBars([1, 2], { order: "name" as never }),
    /^order is "name"; allowed: given, size\. /,
  ],
  [
    "a text for its tokens",
    () => textHighlights("abc" as never, [1, 2, 3]),
    /^tokens is "abc"; allowed: the tokens of a text.* \[\.\.\.text\] has its characters/,
  ],
  ["no tokens", () => textHighlights([], []), /^tokens is \[\]; allowed: /],
  ["a text without tokens", () => textHighlights([["a"], []], [[1], [1]]), /^tokens\[1\] is \[\]; allowed: /],
  ["numbers for tokens", () => textHighlights([1, 2] as never, [1, 2]), /^tokens is 1; allowed: /],
  [
    "fewer values than tokens",
    () => textHighlights(["a", "b"], [1]),
    /^the number of values is 1; allowed: 2, one for each token\.$/,
  ],
  [
    "values of too many axes",
    () => textHighlights(["a"], [[[[1]]]]),
    /^the shape of values is \[1, 1, 1, 1\]; allowed: \[tokens\]/,
  ],
  [
    "values of another count of texts",
    () => textHighlights([["a"], ["b"]], [[1], [2], [3]]),
    /^the number of values is 3; allowed: 2, one for each of the texts\.$/,
  ],
  [
    "infinite values of a token",
    () => textHighlights(["a", "b"], { x: [1, Infinity] }),
    /^value 1 of values\.x is Infinity; allowed: finite numbers\.$/,
  ],
  [
    "tiny letters",
    () => textHighlights(["a"], [1], { size: 2 }),
    /^size is 2; allowed: a number of pixels from 8 to 40\.$/,
  ],
  [
    "padding on both sides",
    () => textHighlights(["a"], [1], { padding: "both" as never }),
    /^padding is "both"; allowed: start, end\. /,
  ],
  [
    "a series without channels",
    () => seriesAttribution([1, 2], [1, 2]),
    /^the shape of series is \[2\]; allowed: \[steps, channels\] or \[series, steps, channels\]\.$/,
  ],
  [
    "maps of another length",
    () => seriesAttribution([[1], [2]], [[1]]),
    /^the shape of values\[0\] is \[1, 1\]; allowed: \[2, 1\], its series', or \[2, 1\]\.$/,
  ],
  [
    "a segment past the end",
    () => seriesAttribution([[1], [2]], [[1], [2]], { segments: [[1, 3]] }),
    /^segments\[0\] is \[1, 3\]; allowed: \[from, to\] in whole steps, 0 to 2\.$/,
  ],
  ["a flat panel", () => seriesAttribution([[1]], [[1]], { height: 3 }), /^height is 3; allowed: /],
  [
    "a figure without traces",
    () => figure({ data: [], caption: "x" }),
    /^data is \[\]; allowed: an array with at least one Plotly trace/,
  ],
  [
    "a figure without caption",
    () => figure({ data: [{}] } as never),
    /^caption is undefined; allowed: a sentence or two\. Say what the figure shows/,
  ],
  [
    "a tensor in a trace",
    () => figure({ data: [{ y: tf.scalar(1) }], caption: "x" }),
    /^data\[0\]\.y is "a tensor"; .* await tensor\.array\(\)\.$/,
  ],
  ["showing nothing", () => show(undefined as never), /^figure is undefined; allowed: a figure/],
  ["showing a trace", () => show([{ type: "bar" } as never]), /^figure is \{"type":"bar"\}; allowed: a figure/],
];

describe("plots refuse bad input in one line", () => {
  for (const [name, work, message] of cases) {
    it(name, async () => {
      const before = tf.memory().numTensors;
      let error: Error | undefined;
      try {
        await work();
      } catch (thrown) {
        error = thrown as Error;
      }
      expect(error?.name).to.equal("BadInputError");
      expect(error!.message).to.match(message).and.not.include("\n");
      // The tensors that the case itself made are its own.
      tf.disposeVariables();
      expect(tf.memory().numTensors - before).to.be.at.most(1);
    });
  }
});

describe("plots take what they are given", () => {
  const json = (made: Figure): unknown => JSON.parse(JSON.stringify(made));

  it("draws tensors like nested arrays, and leaves no tensor behind", async () => {
    const nested = [image, image.map((row) => row.map((v) => 1 - v))];
    const tensor = tf.tensor(nested).expandDims(-1);
    const chances = tf.tensor2d([
      [0.2, 0.8],
      [0.5, 0.5],
    ]);
    const before = tf.memory().numTensors;
    const pairs: [Figure, Figure][] = [
      [await imageGrid(tensor), await imageGrid(nested)],
      [
        await attributionMap({ values: tensor as tf.Tensor4D }, { images: tensor }),
        await attributionMap(nested, { images: nested }),
      ],
      [await attributionGrid(tensor, { saliency: tensor }), await attributionGrid(nested, { saliency: nested })],
      [
        await beforeAfter(tensor, tensor, { probabilities: { before: chances, after: chances } }),
        await beforeAfter(nested, nested, {
          probabilities: {
            before: [
              [0.2, 0.8],
              [0.5, 0.5],
            ],
            after: [
              [0.2, 0.8],
              [0.5, 0.5],
            ],
          },
        }),
      ],
      [
        await maskOverlay(
          tensor,
          tf.tidy(() => tf.keep(tensor.greater(0.4))),
        ),
        await maskOverlay(
          nested,
          nested.map((one) => one.map((row) => row.map((v) => v > 0.4))),
        ),
      ],
    ];
    expect(tf.memory().numTensors, "all but the mask made here").to.equal(before + 1);
    for (const [seen, wanted] of pairs)
      expect(JSON.stringify(seen).replace(/0\.\d+(e-\d+)?/g, (v) => Number(v).toPrecision(5))).to.equal(
        JSON.stringify(wanted).replace(/0\.\d+(e-\d+)?/g, (v) => Number(v).toPrecision(5)),
      );
    tf.dispose([tensor, chances]);
  });

  it("takes one image in every form", async () => {
    const grey = tf.tensor(image);
    const forms = [
      image,
      [image],
      grey,
      [grey],
      grey.expandDims(-1),
      grey.expandDims(0),
      image.map((row) => row.map((v) => [v])),
    ];
    const figures = await Promise.all(forms.map((form) => imageGrid(form as tf.Tensor)));
    for (const made of figures) expect(json(made)).to.deep.equal(json(figures[0]));
  });

  it("stays small, and is plain JSON without NaN or typed arrays", async () => {
    const images = tf.randomUniform([4, 28, 28, 1], 0, 1, "float32", 7);
    const maps = tf.randomNormal([4, 28, 28, 1], 0, 1e-3, "float32", 8) as tf.Tensor4D;
    const made = await attributionGrid(images, {
      saliency: maps,
      "guided backprop": maps,
      "integrated gradients": maps,
    });
    expect(JSON.stringify(made).length).to.be.below(300_000);
    expect(json(made)).to.deep.equal({ ...made });
    const numbers = JSON.stringify(made.data).match(/-?\d+\.\d+/g)!;
    expect(
      Math.max(...numbers.map((number) => number.replace(/[-.]|^-?0\.0*/g, "").replace(/^0+/, "").length)),
    ).to.be.at.most(4);
  });

  it("draws boxes along the outer borders of their pixels, and says how far they agree", async () => {
    const made = await boundingBoxes([image, image], {
      a: [box, undefined],
      b: [{ top: 0, left: 0, bottom: 2, right: 2 }, box],
    });
    const lines = made.data.filter(({ hovertemplate, type }) => type === "scatter" && hovertemplate) as {
      x: number[];
      y: number[];
    }[];
    expect(lines).to.have.length(3);
    expect(lines[0]).to.deep.include({ x: [-0.5, 1.5, 1.5, -0.5, -0.5], y: [-0.5, -0.5, 0.5, 0.5, -0.5] });
    expect(made.caption).to.equal("Agreement of “a” with “b” (intersection over union): 0.50, 0.00.");
    expect((await boundingBoxes([image, image], { a: [box, undefined] })).caption).to.equal(
      "Boxes “a” cover 50 %, nothing of the images.",
    );
  });

  it("draws a strip's maps as bytes: shares of each map's largest value, or of all", async () => {
    const bytes = async (options: object, maps: number[][][]) =>
      (
        await attributionStrip(
          maps.map((map) => map.map((row) => row.map(() => 0))),
          { a: maps },
          options,
        )
      ).data
        .filter(({ type, z }) => type === "heatmap" && !Array.isArray(z))
        .map(({ z }) => {
          const { dtype, bdata, shape } = z as Record<string, string>;
          const raw = Buffer.from(bdata, "base64");
          return [shape, [...(dtype === "i1" ? new Int8Array(raw) : raw)]];
        });
    expect(await bytes({}, [[[0, 2]], [[0.5, 1]]])).to.deep.equal([
      ["1, 2", [0, 255]],
      ["1, 2", [128, 255]],
    ]);
    expect(await bytes({ scale: "shared" }, [[[0, 2]], [[0.5, 1]]])).to.deep.equal([
      ["1, 2", [0, 255]],
      ["1, 2", [64, 128]],
    ]);
    expect(await bytes({}, [[[-4, 2]], [[0, 0]]])).to.deep.equal([
      ["1, 2", [-127, 64]],
      ["1, 2", [0, 0]],
    ]);
    expect(await bytes({ percentile: 50 }, [[[1, 8]]])).to.deep.equal([["1, 2", [255, 255]]]);
  });

  it("shares a scale or gives each map its own, symmetric around 0 where signed", async () => {
    const maps = [[[1, -3]], [[0.5, 0.2]]];
    const ranges = (made: Figure) =>
      Object.entries(made.layout)
        .filter(([key]) => key.startsWith("coloraxis"))
        .map(([, axis]) => [(axis as { cmin: number }).cmin, (axis as { cmax: number }).cmax]);
    expect(ranges(await attributionMap(maps))).to.deep.equal([[-3, 3]]);
    expect(ranges(await attributionMap(maps, { scale: "each" }))).to.deep.equal([
      [-3, 3],
      [-0.5, 0.5],
    ]);
    expect(ranges(await attributionMap(maps, { sign: "magnitude" }))).to.deep.equal([[0, 3]]);
    expect(ranges(await attributionMap([[[1, 2]]]))).to.deep.equal([[0, 2]]);
    expect(ranges(await attributionMap([[[0, 0]]]))).to.deep.equal([[0, 1]]);
    const wide = [[...Array.from({ length: 99 }, () => 1), 1000]];
    expect(ranges(await attributionMap(wide, { percentile: 99 }))).to.deep.equal([[0, 1]]);
  });

  it("reduces channels by their sum or the strongest", async () => {
    const map = [
      [
        [1, -4, 2],
        [1, 1, 1],
      ],
    ];
    const z = async (options: object) => ((await attributionMap([map], options)).data[0] as { z: number[][] }).z;
    expect(await z({})).to.deep.equal([[-1, 3]]);
    expect(await z({ channels: "strongest" })).to.deep.equal([[-4, 1]]);
    expect(await z({ channels: "strongest", sign: "magnitude" })).to.deep.equal([[4, 1]]);
  });

  it("reduces channels by a function, ours or one's own, which decides the sign too", async () => {
    const map = [
      [
        [3, -4, 0],
        [1, 2, 2],
      ],
    ];
    const before = tf.memory().numTensors;
    const drawn = async (channels: ChannelReduction, of: Nested[] = map): Promise<[unknown, number]> => {
      const made = await attributionMap([of], { channels });
      return [(made.data[0] as { z: number[][] }).z, (made.layout.coloraxis as { cmin: number }).cmin];
    };
    expect(await drawn(maxAbs)).to.deep.equal([[[4, 2]], 0]);
    expect(await drawn(l2Norm)).to.deep.equal([[[5, 3]], 0]);
    expect(await drawn(maxAbs, [[-2, 1]])).to.deep.equal([[[2, 1]], 0]);
    expect(
      await drawn((values) => tf.tidy(() => tf.neg(tf.slice(values, [0, 0, 0, 0], [-1, -1, -1, 1])))),
    ).to.deep.equal([[[-3, -1]], -3]);
    const grid = await attributionGrid(
      [[[0, 0.5]]],
      { saliency: [map[0]].map((row) => [row]) },
      { channels: maxAbs, overlay: "none" },
    );
    expect((grid.data[1] as { z: number[][] }).z).to.deep.equal([[4, 2]]);
    expect(tf.memory().numTensors).to.equal(before);
  });

  it("shows a perturbation's values around the middle grey, magnified by a round factor", async () => {
    const after = image.map((row) => row.map((v) => v * 0.9));
    const made = await perturbationGrid([image], [after]);
    expect(JSON.stringify(made.layout.annotations)).to.include("difference × 5");
    const [, , plain, magnified] = made.data.map((trace) => (trace as { z: number[][] }).z);
    image.forEach((row, y) =>
      row.forEach((value, x) => {
        expect(plain[y][x]).to.be.closeTo(0.5 - 0.1 * value, 1e-4);
        expect(magnified[y][x]).to.be.closeTo(0.5 - 0.5 * value, 1e-4);
      }),
    );
  });

  it("magnifies differences and says so", async () => {
    const after = image.map((row) => row.map((v) => v * 0.9));
    const made = await beforeAfter([image], [after], { magnify: 5 });
    expect(made.layout.coloraxis).to.include({ cmin: -0.2, cmax: 0.2 });
    expect(JSON.stringify(made.layout.annotations)).to.include("difference (×5)");
    expect((made.data[2] as { z: number[][] }).z).to.deep.equal([
      [0, -0.05],
      [-0.05, -0.1],
    ]);
    expect(made.caption).to.include("75 %").and.include("0.1");
  });
});
