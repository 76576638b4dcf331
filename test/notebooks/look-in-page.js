// Runs in the browser's page (lab.ts): what is seen of each cell that JupyterLab keeps in the page now.
(() => {
  const texts = (elements) => elements.map((element) => element.textContent ?? "");
  return [...document.querySelectorAll(".jp-NotebookPanel .jp-Cell[data-windowed-list-index]")].map((cell) => {
    const all = (selector) => [...cell.querySelectorAll(selector)];
    const output = (mime) => all(`.jp-OutputArea-output[data-mime-type="${mime}"]`);
    return [
      Number(cell.dataset.windowedListIndex),
      {
        text: cell.innerText,
        plots: all(".jp-OutputArea-output.jp-RenderedPlotly").length,
        errors: texts(output("application/vnd.jupyter.error")),
        stderr: texts(output("application/vnd.jupyter.stderr")),
        pictures: all(".jp-OutputArea-output.jp-RenderedImage").length,
        formulas: all("mjx-container").length,
      },
    ];
  });
})();
