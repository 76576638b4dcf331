import { expect } from "chai";
import type { Page } from "playwright-core";
import type { Figure } from "../../../lib/plot/figure";
import { attributionGrid } from "../../../lib/plot/attribution-grid";
import { featureBars } from "../../../lib/plot/feature-bars";
import { imageGrid } from "../../../lib/plot/image-grid";
import { probabilityBars } from "../../../lib/plot/probability-bars";
import { robustnessCurve } from "../../../lib/plot/robustness-curve";
import { seriesAttribution } from "../../../lib/plot/series-attribution";
import { textHighlights } from "../../../lib/plot/text-highlights";
import { chromiumPath, frame, startBrowser } from "../../notebooks/lab";

describe(`figures in a browser${chromiumPath ? "" : " [needs service Chromium]"}`, function () {
  this.timeout(60_000);
  let page: Page;
  const complaints: string[] = [];

  before(async function () {
    if (!chromiumPath) return this.skip();
    page = await (await startBrowser()).newPage({ viewport: { width: 950, height: 900 } });
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.setContent('<!doctype html><div id="plot"></div>');
    await page.addScriptTag({ path: require.resolve("plotly.js-dist") });
  });
  after(() => page?.close());

  /**
   * Draws the figure, points at a place of a panel (fractions of its sides), and reads what is shown once it says
   * `what`.
   */
  async function pointedAt(figure: Figure, suffix: string, x: number, y: number, what: string): Promise<string> {
    await page.evaluate(
      `Plotly.newPlot("plot", ${JSON.stringify(figure.data)}, ${JSON.stringify(figure.layout)}).then(() => 0)`,
    );
    const domainOf = (axis: string): [number, number] =>
      (figure.layout[`${axis}axis${suffix}`] as { domain: [number, number] }).domain;
    const [across, up] = ["x", "y"].map(domainOf);
    const box = (await (await page.$("#plot"))!.boundingBox())!;
    const { width, height } = figure.layout as { width: number; height: number };
    const left = box.x + (across[0] + x * (across[1] - across[0])) * width;
    const top = box.y + (1 - up[1] + y * (up[1] - up[0])) * height;
    await page.mouse.move(box.x + 1, box.y + 1);
    await page.mouse.move(left, top, { steps: 3 });
    // Plotly shows at once where the pointer came from, and a little later where it is.
    let said = "";
    for (const end = Date.now() + 5000; Date.now() < end && !said.includes(what); await frame(page))
      said = await label();
    return said;
  }

  const label = (): Promise<string> =>
    page.evaluate<string>(`[...document.querySelectorAll(".hoverlayer text")].map((text) => {
      const lines = [...text.querySelectorAll("tspan")].map((span) => span.textContent);
      return lines.join(" ") || text.textContent;
    }).join(" | ")`);

  it("show a grey image's and a map's values at the pixel pointed at", async () => {
    const image = [
      [0, 0.25, 0.5, 0.5],
      [0.75, 1, 0.123456, 0],
    ];
    const maps = {
      saliency: [
        [
          [-0.01234567, 0, 1, 2],
          [2, 3, 4, 5],
        ],
      ],
    };
    const figure = await attributionGrid([image], maps, { titles: ["a boot"] });
    expect(await pointedAt(figure, "", 5 / 8, 0.75, "x 2, y 1"))
      .to.include("x 2, y 1")
      .and.include("value 0.1235")
      .and.include("a boot");
    expect(await pointedAt(figure, "2", 1 / 8, 0.25, "x 0, y 0"))
      .to.include("x 0, y 0")
      .and.match(/value [-−]0\.01235/)
      .and.include("saliency");
  });

  it("show an RGB image's bytes", async () => {
    const figure = await imageGrid([
      [
        [
          [0, 0.2, 1],
          [1, 0, 0],
        ],
        [
          [0, 0, 0],
          [0.4, 0.6, 0.8],
        ],
      ],
    ]);
    expect(await pointedAt(figure, "", 0.75, 0.75, "x 1, y 1"))
      .to.include("x 1, y 1")
      .and.include("RGB 102, 153, 204 of 255");
  });

  it("show a curve's epsilon, share and number", async () => {
    const figure = robustnessCurve(
      {
        FGSM: [
          { epsilon: 0, share: 1 },
          { epsilon: 0.02, share: 0.4 },
          { epsilon: 0.04, share: 0.2 },
        ],
      },
      { count: 20 },
    );
    // Axes over the whole figure, so that a place in the plot is a place on the screen.
    const placed = {
      ...figure,
      layout: {
        ...figure.layout,
        xaxis: { ...(figure.layout.xaxis as object), range: [0, 0.04], domain: [0, 1] },
        yaxis: { ...(figure.layout.yaxis as object), domain: [0, 1] },
        margin: { l: 0, r: 0, t: 0, b: 0 },
      },
    };
    expect(await pointedAt(placed, "", 0.5, 1 - 0.43 / 1.08, "epsilon 0.02"))
      .to.include("epsilon 0.02")
      .and.include("unfooled 40")
      .and.include("8 of 20")
      .and.include("FGSM");
  });

  it("show a feature's value and a token's", async () => {
    const bars = await featureBars([1, -2], { names: ["age", "height"], inputs: [30, 1.8] });
    expect(await pointedAt(bars, "", 0.3, 0.75, "height"))
      .to.include("height = 1.8")
      .and.match(/attribution [-−]2/);
    const text = await textHighlights(["wide-word", "x"], [0.25, -1]);
    expect(await pointedAt(text, "", 0.03, 0.5, "wide-word"))
      .to.include("wide-word")
      .and.include("attribution +0.25");
  });

  it("show a step's value and attribution", async () => {
    const series = await seriesAttribution([[1], [5], [2]], [[0.5], [-1], [0]]);
    expect(await pointedAt(series, "", 0.5, 0.1, "step 1"))
      .to.include("step 1")
      .and.include("value 5")
      .and.match(/attribution [-−]1/);
  });

  it("show a bar's class and probability", async () => {
    const figure = await probabilityBars([0.1, 0.9], { classNames: ["Coat", "Shirt"] });
    expect(await pointedAt(figure, "", 0.2, 0.75, "Shirt"))
      .to.include("Shirt")
      .and.include("probability 0.9");
    expect(complaints).to.deep.equal([]);
  });
});
