import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import type { Page } from "playwright-core";
import { animation } from "../../../lib/plot/animation";
import { channelGrid } from "../../../lib/plot/channel-grid";
import { filmstrip } from "../../../lib/plot/filmstrip";
import type { Figure } from "../../../lib/plot/figure";
import { mimeBundle } from "../../../lib/plot/show";
import { inBrowser } from "../../notebooks/browser-harness";
import { output } from "../../notebooks/course";
import { frame, openNotebook, picture, startLab, type Lab } from "../../notebooks/lab";
import { everyFigure } from "./support/every-figure";
import { colorful, garment } from "./support/synthetic";

const moments = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    iteration: 10 * i,
    image: tf.tensor4d([0, 1].map((k) => colorful(k, 24))),
  }));

const all: Record<string, () => Figure | Promise<Figure>> = {
  ...everyFigure,
  filmstrip: () => filmstrip(moments(8), { titles: ["snail", "a class of three words"], title: "Eight moments" }),
  animation: () => animation(moments(4), { title: "A film" }),
  "channel-grid": () =>
    channelGrid({ conv1: [garment(0), garment(1)], fire9: Array.from({ length: 12 }, (_, k) => colorful(k)) }),
};

inBrowser("every kind of figure in JupyterLab", (browser) => {
  const names = Object.keys(all);
  let lab: Lab, page: Page, folder: string, captions: string[];
  before(async () => {
    mkdirSync(output, { recursive: true });
    folder = mkdtempSync(join(output, "figures-"));
    const figures = await Promise.all(names.map(async (name) => all[name]()));
    captions = figures.map(({ caption }) => caption);
    const outputs = await Promise.all(
      figures.map(async (figure) => ({
        output_type: "display_data",
        metadata: {},
        data: await mimeBundle(figure),
      })),
    );
    const png = outputs[0].data["image/png"];
    const alone = {
      output_type: "display_data",
      metadata: {},
      data: { "image/png": png, "text/plain": "A picture alone." },
    };
    const notebook = join(folder, "figures.ipynb");
    const cell = { cell_type: "code", id: "all", execution_count: null, metadata: {}, source: "" };
    const kernelspec = { name: "vitrine", display_name: "TypeScript (Vitrine)", language: "typescript" };
    writeFileSync(
      notebook,
      JSON.stringify({
        cells: [{ ...cell, outputs: [...outputs, alone] }],
        metadata: { kernelspec },
        nbformat: 4,
        nbformat_minor: 5,
      }),
    );
    lab = await startLab(notebook);
    page = await openNotebook(browser(), lab, { toRun: false });
  });
  after(async () => {
    await page?.close();
    await lab?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const plots = ".jp-RenderedPlotly";
  const width = (): Promise<number> =>
    page
      .locator(plots)
      .first()
      .evaluate((node) => node.clientWidth);

  /** Makes the window so wide that figures get `wanted` pixels, and so high that all are seen. */
  async function giveRoom(wanted: number): Promise<void> {
    for (let tries = 0; tries < 5; tries++) {
      const over = wanted - (await width()),
        { width: now, height } = page.viewportSize()!;
      if (over === 0 && height > 10_000) break;
      await page.setViewportSize({ width: now + over, height: 14_000 });
      await settled();
    }
    expect(await width()).to.equal(wanted);
    await settled();
  }

  /** Waits until all are drawn, and as they will stay. */
  async function settled(): Promise<void> {
    let last = "";
    for (const end = Date.now() + 60_000; Date.now() < end;) {
      await page.waitForTimeout(250);
      const now = await page
        .locator(plots)
        .evaluateAll((nodes) =>
          JSON.stringify(nodes.map((node) => [node.clientWidth, node.querySelector("svg.main-svg")?.outerHTML.length])),
        );
      if (now === last && !now.includes("null")) return;
      last = now;
    }
    throw new Error(`Not all figures are drawn within 60 s: ${last}`);
  }

  interface Seen {
    over: number;
    ground: string[];
    texts: { text: string; ink: string; under?: string }[];
  }
  /** Of each figure: how far anything reaches past its right edge, its grounds, and its texts' inks. */
  const look = (): Promise<Seen[]> =>
    page.locator(plots).evaluateAll((nodes) =>
      nodes.map((node) => {
        const edge = node.getBoundingClientRect().right;
        const texts = [...node.querySelectorAll<SVGTextElement>("svg.main-svg text")].filter(
          (text) => text.textContent.trim() && text.getBoundingClientRect().width > 0,
        );
        const parts = [...texts, ...node.querySelectorAll("svg.main-svg image, svg.main-svg path, .plot-img")].filter(
          (part) => !part.closest(".modebar, defs, .hoverlayer"),
        );
        // Tokens stand on a colour of their own, and hover labels too.
        const free = texts.filter((text) => !text.closest(".textpoint, .hoverlayer"));
        return {
          over: Math.max(...parts.map((part) => part.getBoundingClientRect().right - edge)),
          ground: [...node.querySelectorAll("svg.main-svg, .bglayer .bg, .legend .bg")].map((part) => {
            const { backgroundColor, fill } = getComputedStyle(part);
            return part.classList.contains("bg") ? fill : backgroundColor;
          }),
          texts: free.map((text) => {
            const button = text.parentElement!.querySelector(".updatemenu-item-rect");
            return {
              text: text.textContent,
              ink: getComputedStyle(text).fill,
              ...(button ? { under: getComputedStyle(button).fill } : {}),
            };
          }),
        };
      }),
    );

  for (const room of [1250, 900, 600]) {
    it(`fits into ${room} pixels: nothing reaches past the right edge`, async () => {
      await giveRoom(room);
      const seen = await look();
      expect(seen).to.have.length(names.length);
      seen.forEach(({ over }, i) => expect(over, names[i]).to.be.at.most(1));
      if (room !== 900) await picture(page.locator(".jp-OutputArea").first(), `figures-${room}`);
    });
  }

  it("is laid out wide in a window of 1,250 pixels with the file browser open", async () => {
    await page.setViewportSize({ width: 1250, height: 14_000 });
    await page.locator('.jp-SideBar.jp-mod-left [data-id="filebrowser"]').click();
    await page.locator("#filebrowser").waitFor();
    await settled();
    const seen = await look();
    seen.forEach(({ over }, i) => expect(over, names[i]).to.be.at.most(1));
    const widths = await page
      .locator(`${plots} svg.main-svg:first-of-type`)
      .evaluateAll((drawings) => drawings.map((drawing) => drawing.clientWidth));
    expect(Math.max(...widths), `in ${await width()} pixels`).to.equal(800);
    await page.locator('.jp-SideBar.jp-mod-left [data-id="filebrowser"]').click();
  });

  it("keeps its letters in full size where there is little room", async () => {
    await giveRoom(600);
    const sizes = await page
      .locator(`${plots} svg.main-svg text.annotation-text`)
      .evaluateAll((texts) => texts.map((text) => parseFloat(getComputedStyle(text).fontSize)));
    expect(Math.min(...sizes)).to.be.at.least(10);
    const scaled = await page
      .locator(`${plots} .plot-container`)
      .evaluateAll((all) => all.filter((each) => (each as HTMLElement).style.transform !== "").length);
    expect(scaled).to.equal(0);
  });

  it("stands on the theme's ground, with texts that read on it", async () => {
    for (const theme of ["Dark", "Light"] as const) {
      await wear(theme);
      await settled();
      const ground = rgb(
        await page.locator(".jp-NotebookPanel-notebook").evaluate((node) => getComputedStyle(node).backgroundColor),
      );
      const seen = await look();
      seen.forEach(({ ground: grounds, texts }, i) => {
        for (const each of grounds) expect(each, `${names[i]} in ${theme}`).to.match(/rgba\(.*, 0\)|transparent|none/);
        expect(texts, names[i]).to.not.deep.equal([]);
        for (const { text, ink, under } of texts)
          expect(
            contrast(rgb(ink), under ? rgb(under) : ground),
            `${names[i]} in ${theme}: ${text} in ${ink}`,
          ).to.be.at.least(4.5);
      });
      if (theme === "Dark")
        for (const room of [1250, 600]) {
          await giveRoom(room);
          await picture(page.locator(".jp-OutputArea").first(), `figures-dark-${room}`);
        }
    }
  });

  it("has its caption for those who cannot see it, pictures too", async () => {
    const labels = await page
      .locator(plots)
      .evaluateAll((nodes) => nodes.map((node) => node.getAttribute("aria-label")));
    expect(labels).to.deep.equal(captions);
    expect(await page.locator(".jp-RenderedImage img").getAttribute("alt")).to.equal("A picture alone.");
  });

  async function wear(theme: "Light" | "Dark"): Promise<void> {
    await page.locator(".lm-MenuBar-itemLabel", { hasText: /^Settings$/ }).click();
    await page.locator('.lm-Menu-item:has-text("Theme")').first().hover();
    await page.locator(`.lm-Menu-item:has-text("JupyterLab ${theme}")`).first().click();
    await page.locator(`body[data-jp-theme-light=${String(theme === "Light")}]`).waitFor({ state: "attached" });
    // The theme's own colours come a moment later.
    const ground = (): Promise<string> =>
      page.locator(".jp-NotebookPanel-notebook").evaluate((node) => getComputedStyle(node).backgroundColor);
    for (const end = Date.now() + 20_000; Date.now() < end; await frame(page))
      if (luminance(rgb(await ground())) > 0.5 === (theme === "Light")) return;
  }
});

const rgb = (color: string): number[] =>
  color
    .match(/[\d.]+/g)!
    .slice(0, 3)
    .map(Number);

/** WCAG 2's relative luminance, and the contrast of two colours. */
function luminance(color: readonly number[]): number {
  const [red, green, blue] = color.map((byte) => {
    const share = byte / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: readonly number[], other: readonly number[]): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}
