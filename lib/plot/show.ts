import { join } from "node:path";
import { notebookHost } from "../runtime/host";
import { writeAtomically } from "../core/files";
import { badInput } from "../core/errors";
import type { Figure } from "./figure";
import { mimeBundle } from "./mime-bundle";
import { renderPng } from "./render-png";

let written = 0;

/**
 * Shows figures: in a notebook as live plots; in plain Node by printing their captions, and, with `VITRINE_PLOTS=DIR`
 * set, by writing `DIR/01-….png` and so on. Promises of figures may be passed as they are.
 * @throws BadInputError for what is no figure; FileError when DIR cannot be written
 */
export async function show(figures: Figure | Promise<Figure> | readonly (Figure | Promise<Figure>)[]): Promise<void> {
  const all = await Promise.all(Array.isArray(figures) ? figures : [figures]);
  all.forEach(checkFigure);
  const host = notebookHost();
  for (const figure of all) {
    if (host) host.display(await mimeBundle(figure));
    else await showInTerminal(figure);
  }
}

async function showInTerminal(figure: Figure): Promise<void> {
  const folder = process.env.VITRINE_PLOTS;
  if (!folder) return console.log(figure.caption);
  const slug = figure.caption
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replace(/^-|-$/g, "");
  const file = join(folder, `${String(++written).padStart(2, "0")}-${slug || "figure"}.png`);
  await writeAtomically(file, await renderPng(figure));
  console.log(`${figure.caption} (${file})`);
}

function checkFigure(figure: Figure): void {
  const isFigure =
    typeof figure === "object" &&
    figure !== null &&
    Array.isArray(figure.data) &&
    typeof figure.layout === "object" &&
    typeof figure.caption === "string";
  if (!isFigure)
    badInput({
      what: "figure",
      got: figure,
      allowed: "a figure, or an array of figures",
      remedy: "Make one with imageGrid, attributionGrid, … or figure({data, layout, caption}).",
    });
}
