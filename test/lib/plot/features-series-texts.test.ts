import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { l2Norm } from "../../../lib/core/tensors";
import { textWidth } from "../../../lib/plot/font-metrics";
import { breakTokens } from "../../../lib/plot/text";
import { featureBars } from "../../../lib/plot/feature-bars";
import type { Figure } from "../../../lib/plot/figure";
import { renderPng } from "../../../lib/plot/show";
import { seriesAttribution } from "../../../lib/plot/series-attribution";
import { colorAt, diverging, maskColor, signColors } from "../../../lib/plot/style";
import { textHighlights } from "../../../lib/plot/text-highlights";
import { bytesOf, decodePng, pixelAt } from "./support/pixels";

interface Bars {
  type: string;
  x: number[];
  y: number[];
  base: number[];
  width: number[];
  marker: { color: string[] };
  text: string[];
  customdata: string[];
}

const bars = ({ data }: Figure): Bars[] => data.filter(({ type }) => type === "bar") as unknown as Bars[];
const namesOf = ({ layout }: Figure, suffix = ""): string[] =>
  (layout[`yaxis${suffix}`] as { ticktext: string[] }).ticktext;

/** A place of a panel as a pixel of the rendered figure. */
function place({ layout }: Figure, suffix: string, across: number, down: number): [number, number] {
  const [x, y] = ["x", "y"].map((axis) => (layout[`${axis}axis${suffix}`] as { domain: [number, number] }).domain);
  const [width, height] = [layout.width as number, layout.height as number];
  return [(x[0] + across * (x[1] - x[0])) * width, (1 - y[1] + down * (y[1] - y[0])) * height];
}

describe("featureBars", () => {
  const names = ["age", "height", "weight"];

  it("draws each feature's value, red above 0 and blue below, in the given order", async () => {
    const figure = await featureBars([0.5, -2, 0], { names });
    const [{ x, y, marker, text }] = bars(figure);
    expect([x, y]).to.deep.equal([
      [0.5, -2, 0],
      [0, 1, 2],
    ]);
    expect(marker.color.slice(0, 2)).to.deep.equal([signColors.raises, signColors.lowers]);
    expect(text).to.deep.equal(["+0.5", "−2", "0"]);
    expect(namesOf(figure)).to.deep.equal(names);
    expect(figure.caption).to.include("Largest: height −2, age +0.5.");
  });

  it("sorts by size, keeps the largest, and says how many there were", async () => {
    const figure = await featureBars([0.5, -2, 0], { names, top: 2 });
    expect(namesOf(figure)).to.deep.equal(["height", "age"]);
    expect(bars(figure)[0].x).to.deep.equal([-2, 0.5]);
    expect(figure.caption).to.include("The 2 largest of 3 features.");
    expect(namesOf(await featureBars([0.5, -2, 0], { names, top: 2, order: "given" }))).to.deep.equal([
      "age",
      "height",
    ]);
  });

  it("puts methods side by side: features in one order, by their share of each method's largest", async () => {
    const figure = await featureBars(
      {
        large: [
          [100, 1, 90],
          [0, 0, 1],
        ],
        small: [
          [0.1, 0.9, -0.2],
          [0, 1, 0],
        ],
      },
      {
        names,
        order: "size",
        titles: ["first", "second"],
        inputs: [
          [1, 2.5, 3],
          [4, 5, 6],
        ],
      },
    );
    expect(bars(figure).map(({ x }) => x)).to.deep.equal([
      [100, 1, 90],
      [0.1, 0.9, -0.2],
      [0, 1, 0],
      [1, 0, 0],
    ]);
    expect(namesOf(figure)).to.deep.equal(["age = 1", "height = 2.5", "weight = 3"]);
    expect(namesOf(figure, "3")).to.deep.equal(["height = 5", "weight = 6", "age = 4"]);
    // No value of one method is negative: its bars are magnitudes.
    expect(bars(figure)[0].marker.color[0]).to.equal(signColors.magnitude);
    expect(bars(figure)[1].marker.color[1]).to.equal(signColors.raises);
  });

  it("shows an input's own values where one points, where several inputs share the names", async () => {
    const figure = await featureBars(
      [
        [1, 2, 3],
        [3, 2, 1],
      ],
      {
        names,
        inputs: [
          [0, -7, 3],
          [0.123456, 5, 6],
        ],
      },
    );
    expect(namesOf(figure)).to.deep.equal(names);
    expect(bars(figure).map(({ customdata }) => customdata[0])).to.deep.equal(["age = 0", "age = 0.12"]);
    expect(bars(figure)[0].customdata[1]).to.equal("height = −7");
  });

  it("takes tensors and attributions as it takes numbers, and leaves no tensor behind", async () => {
    const tensor = tf.tensor2d([
        [1, -2],
        [3, 4],
      ]),
      one = tf.tensor1d([1, -2]),
      two = tf.tensor1d([3, 4]);
    const before = tf.memory().numTensors;
    const figures = [
      await featureBars(tensor),
      await featureBars({ values: tensor }),
      await featureBars([one, two]),
      await featureBars([
        [1, -2],
        [3, 4],
      ]),
    ];
    expect(tf.memory().numTensors).to.equal(before);
    for (const figure of figures) expect(JSON.stringify(figure)).to.equal(JSON.stringify(figures[3]));
    expect(JSON.stringify(await featureBars(Float32Array.of(1, -2)))).to.equal(
      JSON.stringify(await featureBars([1, -2])),
    );
    tf.dispose([tensor, one, two]);
  });

  it("is drawn: a bar's colour stands where the bar does", async () => {
    const figure = await featureBars([1, -1], { names: ["a", "b"] });
    const picture = decodePng(await renderPng(figure));
    expect(pixelAt(picture, ...place(figure, "", 0.7, 0.25))).to.deep.equal(bytesOf(signColors.raises));
    expect(pixelAt(picture, ...place(figure, "", 0.3, 0.75))).to.deep.equal(bytesOf(signColors.lowers));
    expect(pixelAt(picture, ...place(figure, "", 0.3, 0.25))).to.deep.equal([255, 255, 255]);
  });
});

describe("textHighlights", () => {
  it("gives each token a ground of its value's colour, and says token and value where one points", async () => {
    const figure = await textHighlights([..."ab c"], [1, -0.5, 0, 0.25]);
    const [{ marker, customdata, x, width }] = bars(figure);
    const wanted = [1, -0.5, 0, 0.25].map(
      (value) =>
        `rgb(${colorAt(diverging, (value + 1) / 2)
          .map(Math.round)
          .join(",")})`,
    );
    expect(marker.color).to.deep.equal(wanted);
    expect(customdata).to.deep.equal([
      "a<br>attribution +1",
      "b<br>attribution −0.5",
      "(space)<br>attribution 0",
      "c<br>attribution +0.25",
    ]);
    for (let i = 1; i < 4; i++) expect(x[i] - width[i] / 2).to.be.at.least(x[i - 1] + width[i - 1] / 2);
    expect(figure.caption).to.include("Strongest: a +1, b −0.5, c +0.25.");
  });

  it("prints white on dark grounds and black on pale ones", async () => {
    const { data } = await textHighlights([..."abc"], [1, -1, 0.1]);
    const letters = data.find(({ mode }) => mode === "markers+text") as { textfont: { color: string[] } };
    expect(letters.textfont.color).to.deep.equal(["#ffffff", "#ffffff", "#111418"]);
  });

  it("adds up each token's vector with signs, or reduces it as it is told", async () => {
    const vectors = [
      [3, -4],
      [1, 1],
      [0, 0],
    ];
    const said = async (channels?: "strongest" | typeof l2Norm): Promise<string[]> =>
      bars(await textHighlights(["x", "y", "z"], vectors, { channels }))[0].customdata.map(
        (text) => text.split("attribution ")[1],
      );
    expect(await said()).to.deep.equal(["−1", "+2", "0"]);
    expect(await said("strongest")).to.deep.equal(["−4", "+1", "0"]);
    expect(await said(l2Norm)).to.deep.equal(["+5", "+1.4", "0"]);
  });

  it("leaves padding out, at whichever end it stands", async () => {
    const said = async (padding: "start" | "end"): Promise<string> =>
      bars(
        await textHighlights(
          [[..."ab"], [..."cde"]],
          tf.tensor2d([
            [1, 2, 3, 4],
            [5, 6, 7, 8],
          ]),
          { padding },
        ),
      )
        .map(({ customdata }) => customdata.map((text) => text.replace("<br>attribution +", "")).join())
        .join("; ");
    expect(await said("end")).to.equal("a1,b2; c5,d6,e7");
    expect(await said("start")).to.equal("a3,b4; c6,d7,e8");
  });

  it("takes one text and several, tokens and vectors, in every form", async () => {
    await tf.ready();
    const one = [
      await textHighlights(["a", "b"], [1, 2]),
      await textHighlights(["a", "b"], [[1, 2]]),
      await textHighlights([["a", "b"]], {
        values: tf.tensor3d([
          [
            [0.5, 0.5],
            [1, 1],
          ],
        ]),
      }),
    ];
    for (const figure of one) expect(figure.caption).to.equal(one[0].caption);
    const texts = [["a"], ["b", "c"]];
    const several = [
      await textHighlights(texts, [[1], [2, 3]]),
      await textHighlights(texts, [tf.tensor1d([1]), tf.tensor1d([2, 3])]),
      await textHighlights(texts, [
        [[1, 0]],
        [
          [1, 1],
          [3, 0],
        ],
      ]),
    ];
    for (const figure of several) expect(figure.caption).to.equal(several[0].caption);
  });

  it("shares of each text's or method's largest value are coloured, where their scales differ", async () => {
    const colors = async (scale: "method" | "each" | "shared"): Promise<string[]> =>
      bars(await textHighlights([["a"], ["b"]], [[1], [-0.5]], { scale })).map(({ marker }) => marker.color[0]);
    expect(await colors("each")).to.deep.equal(["rgb(103,0,31)", "rgb(5,48,97)"]);
    expect((await colors("method"))[1]).to.equal(`rgb(${colorAt(diverging, 0.25).map(Math.round).join(",")})`);
    const byMethod = await textHighlights(["a"], { one: [4], two: [-1] });
    expect(bars(byMethod)[1].marker.color[0]).to.equal("rgb(5,48,97)");
    expect(byMethod.caption).to.include("1 is the largest value of each method.");
  });

  it("breaks characters at spaces and words between them, within the width", () => {
    const look = { width: 100, size: 12, lineHeight: 20 };
    const { placed, lines } = breakTokens([..."some words that take lines"], { ...look, join: "" });
    const text = Array.from({ length: lines }, (_, line) =>
      placed
        .filter((token) => token.line === line)
        .map(({ token }) => token)
        .join(""),
    );
    expect(text.join("")).to.equal("some words that take lines");
    for (const line of text.slice(1)) expect(line).to.match(/^\S/);
    for (const line of text.slice(0, -1)) expect(line).to.match(/ $/);
    for (const { left, width } of placed) expect(left + width).to.be.at.most(100);
    const words = breakTokens(["a", "word-that-is-much-too-wide-for-a-line", "b", "\n", "c"], {
      ...look,
      join: " ",
    }).placed;
    expect(words[1].shown).to.match(/…$/);
    expect(textWidth(words[1].shown, 12)).to.be.at.most(100);
    expect(words.map(({ line }) => line)).to.deep.equal([0, 1, 2, 2, 3]);
    expect(words[3].shown).to.equal("⏎");
    const long = breakTokens([..."anExtremelyLongWord"], { ...look, join: "" });
    expect(long.lines).to.be.above(1);
    expect(long.placed.map(({ token }) => token).join("")).to.equal("anExtremelyLongWord");
  });

  it("is drawn: a token's colour stands around it", async () => {
    const figure = await textHighlights(["iiiiiiiiii", "i"], [1, -1]);
    const picture = decodePng(await renderPng(figure));
    const [{ x, width }] = bars(figure);
    const { layout } = figure,
      scale = (layout.xaxis as { range: number[] }).range[1];
    const seen = [0, 1].map((i) => pixelAt(picture, ...place(figure, "", (x[i] - width[i] / 2 + 1.5) / scale, 0.5)));
    expect(seen).to.deep.equal([bytesOf(diverging[10][1]), bytesOf(diverging[0][1])]);
  });
});

describe("seriesAttribution", () => {
  const steps = 5,
    signal = Array.from({ length: steps }, (_, i) => [1000 + i / 1000, -i]);
  const values = signal.map((_, i) => [i === 2 ? -1 : 0.5, 0]);

  it("draws each channel's line over its attribution, with the value where one points", async () => {
    const figure = await seriesAttribution([signal], [values], { names: ["far", "near"], step: "second" });
    const grounds = figure.data.filter(({ type }) => type === "heatmap") as unknown as { z: number[][]; y: number[] }[];
    const lines = figure.data.filter(({ type }) => type === "scatter") as unknown as {
      x: number[];
      y: number[];
      customdata: number[];
      hovertemplate: string;
    }[];
    expect(grounds.map(({ z }) => z[0])).to.deep.equal([
      [0.5, 0.5, -1, 0.5, 0.5],
      [0, 0, 0, 0, 0],
    ]);
    expect(lines[0].y).to.deep.equal([1000, 1000.001, 1000.002, 1000.003, 1000.004]);
    expect(lines[0].customdata).to.deep.equal([0.5, 0.5, -1, 0.5, 0.5]);
    expect(lines[0].hovertemplate).to.include("second %{x}").and.include("far");
    // The ground reaches over the whole panel.
    const { range } = figure.layout.yaxis as { range: number[] };
    expect(grounds[0].y).to.deep.equal(range);
    expect(range[0]).to.be.below(1000);
    expect(figure.caption).to.include("Strongest: second 2.");
  });

  it("takes one map for all channels, several methods, and frames a segment", async () => {
    const figure = await seriesAttribution(
      signal,
      { a: values, b: values.map(([value]) => [Math.abs(value)]) },
      { segments: [[2, 4]] },
    );
    const grounds = figure.data.filter(({ type }) => type === "heatmap") as unknown as { z: number[][] }[];
    expect(grounds.map(({ z }) => z[0][2])).to.deep.equal([-1, 0, 1, 1]);
    const frames = figure.data.filter(
      ({ line }) => (line as { color?: string } | undefined)?.color === maskColor,
    ) as unknown as { x: number[] }[];
    expect(frames.map(({ x }) => [Math.min(...x), Math.max(...x)])).to.deep.equal([0, 1, 2, 3].map(() => [1.5, 3.5]));
  });

  it("is drawn: red where the score rises, blue where it falls, white where nothing happens", async () => {
    const figure = await seriesAttribution([[0], [0], [0]], [[1], [-1], [0]]);
    const picture = decodePng(await renderPng(figure));
    const [red, blue, white] = [0, 1, 2].map((step) => pixelAt(picture, ...place(figure, "", (step + 0.5) / 3, 0.2)));
    expect(red[0]).to.be.above(red[2] + 60);
    expect(blue[2]).to.be.above(blue[0] + 60);
    expect(white).to.deep.equal([255, 255, 255]);
  });
});
