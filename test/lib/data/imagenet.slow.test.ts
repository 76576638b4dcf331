import { expect } from "chai";
import { readFileSync } from "node:fs";
import { loadImagenet } from "../../../lib/data/imagenet";
import { imagenetClassNames } from "../../../lib/data/imagenet-classes";
import { MissingDataError, obtain } from "../../../lib/data/obtain";
import { tensorsLeft } from "../../helpers/backends";
import { realImagenet } from "../../helpers/real-data";
import { failure, temporaryFolder } from "./helpers";

describe("ImageNet's photographs", function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const variables = ["VITRINE_MIRROR", "VITRINE_OFFLINE", "XDG_CACHE_HOME"] as const;
  const kept = Object.fromEntries(variables.map((name) => [name, process.env[name]]));
  afterEach(() => {
    for (const name of variables)
      if (kept[name] === undefined) delete process.env[name];
      else process.env[name] = kept[name];
  });

  it("has the names that Keras publishes", async function () {
    const {
      files: [{ file }],
    } = await obtain("data", "imagenet-class-index").catch((error: Error) => {
      if (!(error instanceof MissingDataError)) throw error;
      this.test!.title += " — skipped: Keras' class index is neither cached, mirrored nor downloadable";
      return this.skip();
    });
    const index = JSON.parse(readFileSync(file, "utf8")) as Record<string, [string, string]>;
    expect(imagenetClassNames).to.deep.equal(Array.from({ length: 1000 }, (_, i) => index[i][1].replaceAll("_", " ")));
  });

  it("come in the order of the classes asked for, named for captions, in [0, 1]", async function () {
    expect(
      (await tensorsLeft(async () => {
        const photos = await realImagenet(this, { classes: ["quail", "Cardigan", "hay", 6] });
        expect(photos.images.shape).to.deep.equal([6, 224, 224, 3]);
        expect(photos.titles).to.deep.equal(["quail 1", "quail 2", "Cardigan", "hay 1", "hay 2", "stingray"]);
        expect(photos.labels.map((label) => photos.classNames[label])).to.deep.equal([
          "quail",
          "quail",
          "Cardigan",
          "hay",
          "hay",
          "stingray",
        ]);
        const [least, most] = [photos.images.min().dataSync()[0], photos.images.max().dataSync()[0]];
        expect([photos.source, 255 * most]).to.deep.equal(["official", 255]);
        expect(255 * least).to.be.within(0, 20);
        photos.dispose();
        const one = await loadImagenet({ classes: ["quail"], perClass: 1, set: "samples" }),
          all = await loadImagenet(),
          three = await loadImagenet({ set: "val", count: 3 });
        expect([one.titles, all.labels.length, three.labels.length]).to.deep.equal([["quail"], 39, 3]);
        for (const each of [one, all, three]) each.dispose();
      })) - 2,
    ).to.equal(0);
  });

  it("refuses classes that are none or of which there is none", async function () {
    (await realImagenet(this, { count: 1 })).dispose();
    expect(
      await tensorsLeft(async () => {
        expect((await failure(() => loadImagenet({ classes: ["quails"] }))).message).to.match(
          /^classes is "quails"; allowed: .*Nearest: quail/,
        );
        expect((await failure(() => loadImagenet({ classes: ["tench"] }))).message).to.match(
          /^classes is "tench"; allowed: a class of which there is a photograph: hay, quail/,
        );
        expect((await failure(() => loadImagenet({ set: "train" as never }))).message).to.match(/^set is "train"/);
        expect((await failure(() => loadImagenet({ missing: "ignore" as never }))).message).to.match(
          /^missing is "ignore"/,
        );
      }),
    ).to.equal(0);
  });

  it("are replaced by PyPI's photographs where they cannot be obtained, or refused", async () => {
    Object.assign(process.env, { VITRINE_MIRROR: "", XDG_CACHE_HOME: folder() });
    // In a process of its own, where nothing is read yet.
    const { spawnSync } = await import("node:child_process");
    const script = `require("tsx/cjs"); process.env.VITRINE_OFFLINE = "";
const { loadImagenet } = require("./lib/data/imagenet.ts");
(async () => {
  const refused = await loadImagenet({ missing: "refuse" }).catch((error) => error.name);
  const photos = await loadImagenet({ classes: ["quail"] });
  console.log(JSON.stringify({ refused, source: photos.source, titles: photos.titles, shape: photos.images.shape }));
})();`;
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], {
      encoding: "utf8",
      env: { ...process.env },
    });
    const found = JSON.parse(stdout.trim().split("\n").at(-1) || JSON.stringify(stderr)) as Record<string, unknown>;
    // Where the real ones can be downloaded nothing is replaced.
    if (found.source === "official") return;
    expect(found, stderr).to.deep.equal({
      refused: "MissingDataError",
      source: "substitute",
      titles: ["Egyptian cat", "espresso", "stupa"],
      shape: [3, 224, 224, 3],
    });
    expect(
      stderr.split("\n").filter((line) => /others take their place: Egyptian cat, espresso, stupa/.test(line)),
    ).to.have.length(1);
  });
});
