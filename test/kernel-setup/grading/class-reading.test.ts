import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";
import { projectRoot } from "../../helpers/jupyter-client";

const python = join(projectRoot, ".venv", process.platform === "win32" ? "Scripts/python.exe" : "bin/python");

interface Read {
  markdown: string;
  letters: number;
  seconds: number;
  picture: string;
  cells: [kind: string, source: string][];
  plots: string[];
  slow: Record<string, [said: string, seconds: number]>;
  coloured: string;
  colouring: number;
  copied: number;
  resized: string;
  ordinary: string;
  spelled: number;
  below: [letters: number, html: string, kept: number];
  signs: string;
  table: string;
  pages: [late: number, last: string, short: number, picture: string];
}

describe("grading a class: what formgrader reads of a notebook", function () {
  this.timeout(60_000);
  let read: Read;
  before(() => {
    read = JSON.parse(execFileSync(python, [join(__dirname, "class-reading.py")], { encoding: "utf8" })) as Read;
  });

  it("elements that every paragraph opens again are shown as text, before there are millions", () => {
    expect(read.markdown).to.match(/^<p><em>\[shown as text: /);
    expect(read.letters).to.be.below(40_000);
  });
  it("a page of cells that are slow to set keeps nobody waiting for each of them; what follows is set", () => {
    const [late, last, short, picture] = read.pages;
    expect(late).to.equal(12);
    expect(last).to.include("<p>an <em>answer</em></p>");
    // Two and a half cells as long as a cell may take, the others as long as is left for each.
    expect(short).to.be.within(8, 10);
    expect(picture).to.match(/^<p><em>\[shown as text: to set it takes more than 0\.1 seconds\]/);
  });
  it("two numbers beside each other in a table are not read as one", () => {
    const cells = read.table.match(/<t[dh](?: [^>]*)?>/g) ?? [];
    expect(cells.length).to.equal(4);
    for (const cell of cells) expect(cell).to.match(/^<t[dh] style="padding: 2px 8px"(?: align="\w+")?>$/);
  });
  it("signs that begin no element are themselves, in code too", () => {
    expect(read.signs)
      .to.include("<code>&lt;!-- x --&gt;</code> and a &lt;!b <b>c</b>, $x&lt;?y$ &lt;!-- never ended")
      .and.to.match(/<pre><code>&lt;!DOCTYPE html&gt;\s*<\/code><\/pre>\s*<p>the <em>end<\/em><\/p>/);
  });
  it("a pasted photograph whose size was changed, which makes HTML of it, is shown", () => {
    const tags = read.resized.match(/<img [^>]*>/g)!;
    expect(tags.map((tag) => / src="([^",]*),/.exec(tag)?.[1])).to.deep.equal(Array(2).fill("data:image/png;base64"));
    expect(read.resized)
      .to.match(/picture “gone.png”: it is not in the notebook/)
      .and.not.match(/onerror=|attachment:/);
  });
  it("a photograph in the text itself, which is longer than what is shown of a cell, cuts nothing off", () => {
    const [letters, html, kept] = read.below;
    expect(letters).to.be.above(50_000);
    expect(kept).to.be.below(100);
    expect(html).to.match(/" alt="by hand"><\/p>\s*<p>Below the photograph\.<\/p>/);
  });
  it("each picture of an answer is shown, or told why not: small ones, those with long names, a name like ours", () => {
    const shown = read.ordinary.match(/<img [^>]*src="data:image\/(png|jpeg);base64[^>]*>/g) ?? [];
    const names = shown.map((tag) => / alt="([^"]*)"/.exec(tag)![1]);
    const wanted = ["own", "small", "drawing", "long 0", "long 1"];
    expect(names.filter((name) => name !== "")).to.deep.equal(wanted);
    // The others are HTML or have no name: as many as a notebook may have.
    expect(names.length).to.equal(200);
    expect(read.ordinary.match(/the notebook has more than 200 pictures in its text/g)?.length).to.be.above(20);
    expect(read.ordinary)
      .to.match(/\[a picture that is not shown here: paste it into the notebook, as PNG or JPEG\]/)
      .and.not.match(/not in the notebook|shown above/);
  });
  it("a picture is shown once, in however many ways its name is spelled: hundreds would fill the memory", () => {
    expect(read.spelled).to.equal(1);
  });
  it("code in an answer is not coloured: some languages would take minutes for a line of spaces", () => {
    expect(read.coloured).to.match(/^<pre><code/);
    expect(read.colouring).to.be.below(2);
  });
  it("the sheet's own text is free once, and no hundreds of times", () => {
    expect(read.copied).to.be.within(9_000, 9_000 + 150_000 + 400 * 10);
  });
  it("a compressed BMP, which Pillow reads byte by byte, is not shown", () => {
    expect(read.picture).to.equal("it is a compressed BMP");
  });
  it(
    "of a picture only what its pixels need is read: fifteen MiB of fill bytes, a million comments or chunks take " +
      "no seconds",
    () => {
      // Nearly red; JPEG rounds.
      const red = "[200, 30, 30]",
        parts = "it is made of more than 20000 parts";
      expect(Object.fromEntries(Object.entries(read.slow).map(([name, [said]]) => [name, said]))).to.deep.equal({
        "a photograph": `image/jpeg 30x40 ${red}`,
        "a plot": `image/png 40x30 ${red}`,
        "a wide plot": `image/jpeg 2000x19 ${red}`,
        "a drawing": `image/jpeg 40x30 ${red}`,
        "a scan of 65,536 greys": "image/jpeg 2000x19 [130, 130, 130]",
        fill: `image/jpeg 30x40 ${red}`,
        "fill behind": `image/jpeg 30x40 ${red}`,
        comments: parts,
        chunks: parts,
        "pixels by the byte": parts,
        blocks: parts,
        texts: `image/png 40x30 ${red}`,
        "no end": "its data is damaged",
        "no marker": "its data is damaged",
      });
      for (const [name, [, seconds]] of Object.entries(read.slow)) expect(seconds, name).to.be.below(2.5);
    },
  );
  it("plots of more pixels than a browser holds are not shown", () => {
    expect(read.plots).to.deep.equal([
      ...Array<string>(50).fill("image/png"),
      ...Array<string>(10).fill("the notebook's plots have more than 200 million pixels"),
    ]);
  });
  it("an answer in prose whose cell became code is read all the same; code that became prose is not code", () => {
    expect(read.cells).to.deep.equal([
      ["markdown", "Since the collar is covered."],
      ["code", "// Yours."],
    ]);
  });
});
