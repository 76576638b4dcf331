// What is the same of a figure that is shown, in a notebook and on a page.
import { badInput } from "../core/errors";
import type { Figure } from "./figure";

/** @throws BadInputError for what is no figure */
export function checkFigure(figure: Figure): void {
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

export const plotlyMime = "application/vnd.plotly.v1+json";

// Plotly 4 would offer to send the plot to a cloud service; a notebook's figures stay where they are.
export const plotlyConfig = {
  displaylogo: false,
  showSendToCloud: false,
  modeBarButtonsToRemove: ["lasso2d", "select2d"],
};
