import { expect } from "chai";
import { hostKey, type DisplayOptions, type MimeBundle, type NotebookHost } from "../../../lib/runtime/host";
import { type ProgressReport, startProgress, terminalView } from "../../../lib/runtime/progress";

interface Shown {
  bundle: MimeBundle;
  options?: DisplayOptions;
}

/** A kernel that remembers what it was asked to show, while `work` runs. */
function inNotebook(work: () => void): Shown[] {
  const shown: Shown[] = [];
  const holder = globalThis as { [hostKey]?: NotebookHost };
  const before = holder[hostKey];
  holder[hostKey] = {
    display: (bundle, _metadata, options) => void shown.push({ bundle, options }),
    clearOutput: () => undefined,
    signal: new AbortController().signal,
  };
  try {
    work();
  } finally {
    if (before) holder[hostKey] = before;
    else delete holder[hostKey];
  }
  return shown;
}

describe("progress", () => {
  it("gives every report to a caller who listens, and shows nothing", () => {
    const reports: ProgressReport[] = [];
    const shown = inNotebook(() => {
      let time = 0;
      const progress = startProgress(
        { label: "occlusion", total: 6, onProgress: (report) => reports.push(report) },
        () => (time += 5000),
      );
      progress.advance(4);
      progress.advance(2, "last");
      progress.end();
    });
    expect(reports).to.deep.equal([
      { label: "occlusion", done: 4, total: 6 },
      { label: "occlusion", done: 6, total: 6, note: "last" },
    ]);
    expect(shown).to.deep.equal([]);
  });

  it("shows nothing in a notebook for work of less than a second", () => {
    expect(
      inNotebook(() => {
        let time = 0;
        const progress = startProgress({ label: "saliency", total: 9 }, () => time);
        for (; time < 900; time += 100) progress.advance();
        progress.end();
      }),
    ).to.deep.equal([]);
  });

  it("moves one bar in a notebook, a few times a second at most, and ends it", () => {
    const shown = inNotebook(() => {
      let time = 0;
      const progress = startProgress({ label: "a < b", total: 4000 }, () => time);
      for (; time < 4000; time++) progress.advance();
      progress.end();
    });
    expect(shown.length).to.be.within(10, 20);
    expect(new Set(shown.map(({ options }) => options?.displayId)).size).to.equal(1);
    expect(shown.map(({ options }) => options?.update)).to.deep.equal(shown.map((_, i) => i > 0));
    expect(shown[0].bundle["text/plain"]).to.equal("a < b: 1001 of 4000, 1,001/s, about 3 s left");
    expect(shown[0].bundle["text/html"]).to.match(/^<progress max="4000" value="1001" .*a &#60; b: 1001 of 4000/);
    expect(shown.at(-1)?.bundle["text/plain"]).to.equal("a < b: 4000 of 4000, 1,000/s, took 4 s");
  });

  it("says so where the work stopped early", () => {
    const shown = inNotebook(() => {
      let time = 0;
      const progress = startProgress({ label: "training", total: 10 }, () => time);
      time = 2000;
      progress.advance(3, "loss 0.31");
      progress.end();
    });
    expect(shown.at(-1)?.bundle["text/plain"]).to.equal("training: 3 of 10, loss 0.31, 1.5/s, stopped after 2 s");
  });

  it("draws one line on a terminal, within its width, and wipes it", () => {
    const written: string[] = [];
    const view = terminalView({
      write: (text: string) => {
        written.push(text);
        return true;
      },
      columns: 40,
    } as unknown as NodeJS.WriteStream);
    view.draw({ label: "integrated gradients", done: 25, total: 50 }, 2000);
    view.finish({ label: "integrated gradients", done: 50, total: 50 }, 4000);
    expect(written).to.deep.equal(["\r\x1b[K[##########..........] integrated gradi", "\r\x1b[K"]);
  });
});
