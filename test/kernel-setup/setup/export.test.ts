import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { JSDOM } from "jsdom";
import { chromiumPath } from "../../notebooks/lab";
import { missing, python } from "../../notebooks/course";
import { root, withFolder } from "./load";

const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const figure = { data: [{ type: "bar", y: [1, 2] }], layout: { width: 1400, height: 200 } };
const shown = (data: object): object => ({ output_type: "display_data", metadata: {}, data });
const notebook = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {
    kernelspec: { name: "vitrine", language: "typescript", display_name: "TypeScript (Vitrine)" },
    // As a slider leaves it.
    widgets: {
      "application/vnd.jupyter.widget-state+json": {
        version_major: 2,
        version_minor: 0,
        state: { x: { model_name: "AnyModel", model_module: "anywidget", state: {} } },
      },
    },
  },
  cells: [
    { cell_type: "markdown", id: "a", metadata: {}, source: "# Maps\n\nThe score $S_c(x)$ ![a dot](dot.png)" },
    {
      cell_type: "code",
      id: "b",
      metadata: {},
      execution_count: 1,
      source: `const line = "${"long ".repeat(60)}";`,
      outputs: [
        shown({
          "application/vnd.plotly.v1+json": figure,
          "image/png": dot,
          "text/plain": 'Two bars, "both" <tall>',
        }),
        shown({ "image/png": dot, "text/plain": "A map of a bag" }),
        shown({
          "application/vnd.jupyter.widget-view+json": { model_id: "x", version_major: 2, version_minor: 0 },
          "text/plain": 'widget {"value":3}',
        }),
      ],
    },
  ],
};

const program = `
import json, sys
sys.path.insert(0, ${JSON.stringify(join(root, "kernel-setup/lab/python"))})
import nbformat
from traitlets.config import Config
from nbconvert.exporters.base import get_export_names, get_exporter
from vitrine_lab.settings import exports
c = Config()
exports(c)
task, folder = sys.argv[1:]
if task == "names":
    print(json.dumps(sorted(set(get_export_names(c)))))
else:
    nb = nbformat.read(folder + "/maps.ipynb", as_version=4)
    metadata = {"name": "maps", "path": folder}
    exporter = get_exporter(task.split("-")[0], c)(config=c)
    # As Jupyter's server does where JupyterLab's box "Sanitize HTML output" is ticked, as it is unless one unticks it.
    if task.endswith("-sanitized"):
        exporter.sanitize_html = True
    out, resources = exporter.from_notebook_node(nb, {"metadata": metadata})
    with open(folder + "/maps" + resources["output_extension"], "wb") as file:
        file.write(out if isinstance(out, bytes) else out.encode())
`;

describe("File → Save and Export Notebook As", function () {
  this.timeout(60_000);
  before(function () {
    if (missing()) this.skip();
  });
  const run = (task: string, folder: string, env: NodeJS.ProcessEnv = {}): string =>
    execFileSync(python, ["-c", program, task, folder], { encoding: "utf8", env: { ...process.env, ...env } });
  const exported = (format: string, folder: string, given: object = notebook): Buffer => {
    writeFileSync(join(folder, "maps.ipynb"), JSON.stringify(given));
    writeFileSync(join(folder, "dot.png"), Buffer.from(dot, "base64"));
    run(format, folder);
    const ending = format === "script" ? "ts" : format === "markdown" ? "md" : format.split("-")[0];
    return readFileSync(join(folder, `maps.${ending}`));
  };

  it("offers what works here, and PDF only where there is a Chromium", () =>
    withFolder((folder) => {
      const browser = join(folder, "browser");
      mkdirSync(browser);
      // What nbconvert has beside it needs pandoc, LaTeX, Qt, Playwright or the network.
      const always = ["custom", "html", "markdown", "notebook", "script"];
      expect(JSON.parse(run("names", folder, { CHROMIUM: browser }))).to.have.members([...always, "pdf"]);
      expect(JSON.parse(run("names", folder, { CHROMIUM: "/nowhere" }))).to.have.members(always);
      expect(exported("markdown", folder).toString()).to.include("# Maps");
    }));

  it("HTML as JupyterLab asks for it, sanitized: text, formulas and pictures are seen, and nothing acts", () =>
    withFolder((folder) => {
      const text = "## Sums\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[there](https://example.org) [not](javascript:act())";
      const acts = '<img src="x.png" onerror="act()"><script>act()</script><iframe src="https://example.org"></iframe>';
      const given = {
        ...notebook,
        cells: [...notebook.cells, { cell_type: "markdown", id: "c", metadata: {}, source: `${text}\n\n${acts}` }],
      };
      const { document } = new JSDOM(exported("html-sanitized", folder, given).toString()).window;
      const said = document.body.textContent;
      for (const tag of ["<p>", "<h1", "<h2", "<img", "<math", "<mi>", "<thead>"]) expect(said).to.not.include(tag);
      expect(document.querySelector("h1")!.textContent).to.include("Maps");
      expect(document.querySelector("math msub mi")!.textContent).to.equal("S");
      expect(document.querySelector("td")!.textContent).to.equal("1");
      expect([...document.querySelectorAll("main img, body img")].map((each) => each.getAttribute("alt"))).to.include(
        'Two bars, "both" <tall>',
      );
      expect(document.querySelectorAll("img[onerror], iframe, .vitrine-plot")).to.have.length(0);
      expect([...document.querySelectorAll("a")].map((each) => each.getAttribute("href"))).to.include(
        "https://example.org",
      );
      expect(document.querySelector('[href^="javascript"]')).to.equal(null);
      const scripts = [...document.querySelectorAll("script")].map((each) => each.textContent);
      expect(scripts.filter((each) => each.includes("act()"))).to.have.length(0);
    }));

  it("HTML: plots live, figures with their captions for those who cannot see them, nothing from outside", () =>
    withFolder((folder) => {
      const page = exported("html", folder).toString();
      const { document } = new JSDOM(page).window;
      const plot = document.querySelector(".vitrine-plot")!;
      expect(plot.getAttribute("role")).to.equal("img");
      expect(plot.getAttribute("aria-label")).to.equal('Two bars, "both" <tall>');
      const pictures = [...document.querySelectorAll("img")];
      expect(pictures.map(({ alt }) => alt)).to.deep.equal(["a dot", 'Two bars, "both" <tall>', "A map of a bag"]);
      for (const { src } of pictures) expect(src).to.match(/^data:image\/png;base64,iVBOR/);
      expect(document.querySelector("math msub")?.textContent).to.equal("Sc");
      expect(page).not.to.match(/<(script|link|img)[^>]*(src|href)="https?:/);
      expect(page).not.to.match(/unpkg\.com|html-manager/);
      // A slider moves nothing on a page.
      const outputs = [...document.querySelectorAll(".jp-OutputArea")].map(({ textContent }) => textContent).join("");
      expect(outputs).not.to.include("widget {");
    }));

  it(`PDF: printed by Chromium, on A4, on few pages${chromiumPath ? "" : " [needs service Chromium]"}`, function () {
    if (!chromiumPath) this.skip();
    withFolder((folder) => {
      const pdf = exported("pdf", folder);
      expect(pdf.subarray(0, 5).toString()).to.equal("%PDF-");
      const text = pdf.toString("latin1");
      const [, , , width, height] = /\/MediaBox \[([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+)\]/.exec(text)!.map(Number);
      // 210 × 297 mm in points.
      expect([width, height].map(Math.round).join(" × ")).to.equal("595 × 842");
      expect(text.match(/\/Type \/Page\b/g)!.length).to.be.within(1, 3);
    });
  });
});
