import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { places } from "../../lib/data/registry";
import { difference, freshFolder, rewrite, runCommands, sectionsOf, writeFiles } from "./pages";

/** Pages whose commands are run, with `VITRINE_WRITE_DOCS=1` to write down what they print now. */
const pages = ["docs/own-model.md", "docs/what-is-explained.md"];
const writing = process.env.VITRINE_WRITE_DOCS === "1";

for (const page of pages) {
  describe(`${page}, as it is read`, function () {
    this.timeout(240_000);
    const mirror = places().mirror ?? places().cache;
    let folder = "";
    before(() => {
      folder = freshFolder("docs");
    });

    for (const section of sectionsOf(page)) {
      it(`${section.title}: its commands print what it says`, async function () {
        const missing = section.shown
          .flatMap(({ commands }) => [...commands.matchAll(/\$VITRINE_MIRROR\/(\S+)/g)].map(([, file]) => file))
          .find((file) => !existsSync(join(mirror, file)));
        if (missing !== undefined) {
          this.test!.title += ` — skipped: ${missing} is neither cached nor mirrored`;
          this.skip();
        }
        writeFiles(section, folder);
        for (const shown of section.shown) {
          const printed = await runCommands(shown.commands, folder, { VITRINE_MIRROR: mirror });
          if (writing) rewrite(page, shown, printed);
          else expect(difference(shown.printed, printed)).to.equal(undefined);
        }
      });
    }
  });
}
