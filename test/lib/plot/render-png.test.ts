import { expect } from "chai";
import type { Figure } from "../../../lib/plot/figure";
import { attributionMap } from "../../../lib/plot/attribution-map";
import { imageGrid } from "../../../lib/plot/image-grid";
import { renderPng } from "../../../lib/plot/show";
import { rasterPng, readableByResvg } from "../../../lib/plot/render/rasterize";
import { diverging, greys, sequential } from "../../../lib/plot/style";
import { bytesOf, countPixels, decodePng, pixelAt } from "./support/pixels";

/** Where a panel lies in the picture, from its axes' domains. */
function panel({ layout }: Figure, suffix = "") {
  const [width, height] = [layout.width as number, layout.height as number];
  const [x, y] = ["x", "y"].map((axis) => (layout[`${axis}axis${suffix}`] as { domain: [number, number] }).domain);
  return { left: x[0] * width, width: (x[1] - x[0]) * width, top: (1 - y[1]) * height, height: (y[1] - y[0]) * height };
}

/** Where a colour bar lies. */
function bar({ layout }: Figure) {
  const { colorbar } = layout.coloraxis as { colorbar: { x: number; y: number; len: number; thickness: number } };
  return {
    left: colorbar.x * (layout.width as number),
    top: (1 - colorbar.y) * (layout.height as number),
    width: colorbar.thickness,
    height: colorbar.len,
  };
}

const near = (seen: readonly number[], wanted: readonly number[], by = 6): void =>
  seen.forEach((value, i) => expect(value, `${seen} instead of ${wanted}`).to.be.closeTo(wanted[i], by));

describe("renderPng", () => {
  it("paints the value of every pixel of a map in its colour", async () => {
    const values = [
      [-1, -0.5, 0],
      [0.2, 0.6, 1],
    ];
    const figure = await attributionMap(values);
    const picture = decodePng(await renderPng(figure));
    const { left, top, width, height } = panel(figure);
    values.forEach((row, y) =>
      row.forEach((value, x) => {
        const seen = pixelAt(picture, left + ((x + 0.5) / 3) * width, top + ((y + 0.5) / 2) * height);
        const at = ((value + 1) / 2) * (diverging.length - 1);
        const [low, high] = [bytesOf(diverging[Math.floor(at)][1]), bytesOf(diverging[Math.ceil(at)][1])];
        near(
          seen,
          low.map((byte, c) => byte + (at % 1) * (high[c] - byte)),
        );
      }),
    );
  });

  for (const [name, scale, maps] of [
    ["diverging", diverging, [[-2, 2]]],
    ["sequential", sequential, [[0, 2]]],
  ] as const) {
    it(`paints the ${name} colour bar as a gradient, not black`, async () => {
      const figure = await attributionMap([...maps.map((row) => [...row])]);
      const picture = decodePng(await renderPng(figure));
      const { left, top, width, height } = bar(figure);
      scale.forEach(([at, color], i) => {
        if (i === 0 || i === scale.length - 1) return; // the outline is there
        near(pixelAt(picture, left + width / 2, top + (1 - at) * height), bytesOf(color), 10);
      });
    });
  }

  // What serializers make of Plotly's marked quotes; the reason why colour bars have come out black.
  for (const reference of [
    "url(#g)",
    "url('#g')",
    "url(&quot;#g&quot;)",
    "url(TOBESTRIPPED#gTOBESTRIPPED)",
    "url(&quot;TOBESTRIPPED#gTOBESTRIPPED&quot;)",
  ]) {
    it(`paints a gradient referred to as ${reference}`, async () => {
      const svg =
        `<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><defs><linearGradient id="g"><stop ` +
        `offset="0" stop-color="#ff0000"/><stop offset="1" stop-color="#ff0000"/></linearGradient></defs><rect ` +
        `width="20" height="20" style="fill: ${reference};"/></svg>`;
      near(pixelAt(decodePng(await rasterPng(readableByResvg(svg), 1)), 10, 10), [255, 0, 0]);
    });
  }

  it("shows small images pixel by pixel, without smoothing, at any scale", async () => {
    const figure = await imageGrid([
      [
        [0, 1],
        [1, 0],
      ],
    ]);
    const scale = 2;
    const picture = decodePng(await renderPng(figure, { scale }));
    expect([picture.width, picture.height]).to.deep.equal([
      scale * (figure.layout.width as number),
      scale * (figure.layout.height as number),
    ]);
    const { left, top, width, height } = panel(figure);
    const inner = {
      left: scale * left + 6,
      top: scale * top + 6,
      width: scale * width - 12,
      height: scale * height - 12,
    };
    const between = countPixels(picture, inner, ([r]) => r > 40 && r < 215);
    expect(between, "grey pixels between black and white").to.be.below(0.02 * inner.width * inner.height);
    near(pixelAt(picture, scale * (left + width / 4), scale * (top + height / 4)), bytesOf(greys[0][1]));
    near(pixelAt(picture, scale * (left + (3 * width) / 4), scale * (top + height / 4)), bytesOf(greys[1][1]));
  });

  it("paints RGB images in their colours, the right way up", async () => {
    const corners = [
      [
        [1, 0, 0],
        [0, 1, 0],
      ],
      [
        [0, 0, 1],
        [1, 1, 0],
      ],
    ];
    const figure = await imageGrid([corners]);
    const picture = decodePng(await renderPng(figure));
    const { left, top, width, height } = panel(figure);
    corners.forEach((row, y) =>
      row.forEach((rgb, x) =>
        near(
          pixelAt(picture, left + (x + 0.5) * (width / 2), top + (y + 0.5) * (height / 2)),
          rgb.map((v) => 255 * v),
        ),
      ),
    );
  });

  it("writes text where titles and captions are", async () => {
    const figure = await imageGrid(
      [
        [
          [0, 0],
          [0, 0],
        ],
        [
          [1, 1],
          [1, 1],
        ],
      ],
      { titles: ["Trouser", ""], caption: "A caption." },
    );
    const picture = decodePng(await renderPng(figure));
    const dark = ([r, g, b]: [number, number, number]): boolean => r + g + b < 450;
    const [first, second] = [panel(figure), panel(figure, "2")];
    const above = (box: typeof first) => ({ ...box, top: 0, height: box.top - 2 });
    expect(countPixels(picture, above(first), dark), "title").to.be.above(60);
    expect(countPixels(picture, above(second), dark), "no title").to.equal(0);
    const below = first.top + first.height + 4;
    expect(
      countPixels(picture, { left: 0, top: below, width: picture.width, height: picture.height - below }, dark),
      "caption",
    ).to.be.above(60);
  });

  it("draws dashed lines with gaps", async () => {
    const line = (dash: string): Pick<Figure, "data" | "layout"> => ({
      data: [{ type: "scatter", mode: "lines", x: [0, 1], y: [0.5, 0.5], line: { dash, color: "#ff0000", width: 4 } }],
      layout: {
        width: 300,
        height: 200,
        margin: { l: 0, r: 0, t: 0, b: 0 },
        xaxis: { visible: false, range: [0, 1] },
        yaxis: { visible: false, range: [0, 1] },
      },
    });
    const red = async (dash: string): Promise<number> =>
      countPixels(
        decodePng(await renderPng(line(dash))),
        { left: 0, top: 100, width: 300, height: 1 },
        ([r, g]) => r > 200 && g < 100,
      );
    expect(await red("solid")).to.be.above(290);
    expect(await red("dash")).to.be.within(120, 200);
  });

  it("draws several at once", async () => {
    const figures = await Promise.all([0, 1, 2].map((k) => imageGrid([[[k / 2]]])));
    const alone = await Promise.all(figures.map(async (figure) => decodePng(await renderPng(figure))));
    figures.forEach((figure, k) => {
      const { left, top, width, height } = panel(figure);
      near(
        pixelAt(alone[k], left + width / 2, top + height / 2),
        [k, k, k].map((v) => (255 * v) / 2),
      );
    });
  });

  it("refuses sizes and figures it cannot draw, in one line, and goes on", async () => {
    const figure = await imageGrid([[[0]]]);
    const message = async (work: Promise<unknown>): Promise<string> =>
      work.then(
        () => expect.fail("not refused"),
        (error: Error) => error.message,
      );
    expect(await message(renderPng(figure, { scale: 0 }))).to.equal(
      "scale is 0; allowed: a number above 0 and at most 8.",
    );
    expect(await message(renderPng(figure, { width: NaN }))).to.match(/^width is NaN; allowed: /);
    expect(await message(renderPng({} as Figure))).to.match(/^figure.data is undefined; .* did you forget await\?$/);
    expect((await renderPng(figure)).length).to.be.above(500);
  });
});
