import { expect } from "chai";
import * as fs from "node:fs";
import * as path from "node:path";
import { describeEntry, type RegistryEntry } from "../../../lib/data/registry";
import { obtainEntry, takeIn } from "../../../lib/data/obtain";
import { failure, noise, sha256, temporaryFolder, testPlaces } from "./helpers";

describe("a file that is here already takes the place of a download", () => {
  const folder = temporaryFolder();
  const small = noise(500, 1),
    large = noise(900, 2);
  const file = (name: string, bytes: Buffer): { path: string; bytes: number; sha256: string } => ({
    path: `models/${name}`,
    bytes: bytes.length,
    sha256: sha256(bytes),
  });
  const source = { kind: "files", format: "pth", licence: "MIT" } as const;
  const network: RegistryEntry = {
    name: "network",
    kind: "model",
    what: "for tests",
    sources: [
      { ...source, variant: "first", files: [file("small.pth", small)] },
      { ...source, variant: "second", files: [file("large.pth", large)] },
    ],
  };
  const brought = (bytes: Buffer): string => {
    const named = path.join(folder(), "from-a-disk.bin");
    fs.writeFileSync(named, bytes);
    return named;
  };

  it("its content says which source it is; it is in the cache from then on, and the one given stays", async () => {
    const places = testPlaces(folder(), { offline: true }),
      given = brought(large);
    const taken = await takeIn(network, given, places);
    expect(taken).to.deep.include({ file: path.join(places.cache, "models/large.pth") });
    expect(taken.source.variant).to.equal("second");
    expect(fs.readFileSync(given).equals(large)).to.equal(true);
    expect(describeEntry(network, places)).to.include({ source: "cached", variant: "second" });
    const { files } = await obtainEntry(network, { places, log: () => undefined });
    expect(fs.readFileSync(files[0].file).equals(large)).to.equal(true);
    expect((await takeIn(network, taken.file, places)).file, "the cache's own file").to.equal(taken.file);
  });

  it("another file is refused in one line that says what is wrong, and leaves nothing", async () => {
    const places = testPlaces(folder(), { offline: true }),
      damaged = Buffer.from(small);
    damaged[100] ^= 1;
    const { message } = await failure(() => takeIn(network, brought(damaged), places));
    expect(message).to.match(
      /a file of network\. It is none: as small\.pth it is not the published file: its SHA-256 is .*; as large\.pth it is truncated: 500 bytes instead of 900/,
    );
    expect((await failure(() => takeIn(network, path.join(folder(), "absent.pth"), places))).message).to.match(
      /absent\.pth is not there/,
    );
    expect(fs.existsSync(path.join(places.cache, "models"))).to.equal(false);
  });

  it("what consists of several files, or of the project's own, is not taken so", async () => {
    const pair: RegistryEntry = {
      ...network,
      sources: [{ ...source, variant: "pair", files: [file("a.pth", small), file("b.pth", large)] }],
    };
    expect((await failure(() => takeIn(pair, brought(small), testPlaces(folder())))).message).to.match(
      /network is no single file\. Set VITRINE_MIRROR/,
    );
  });
});
