import { expect } from "chai";
import * as fs from "node:fs";
import * as path from "node:path";
import {
  describeEntry,
  places,
  type Places,
  registry,
  registryEntry,
  type RegistryEntry,
} from "../../../lib/data/registry";
import { MissingDataError, obtainEntry, type ObtainOptions } from "../../../lib/data/obtain";
import { verify } from "../../../lib/data/verify";
import { fileServer } from "./file-server";
import { failure, noise, sha256, temporaryFolder, testPlaces } from "./helpers";

const one = noise(5000, 1),
  two = noise(7000, 2),
  other = noise(9000, 3);

describe("registry", () => {
  const folder = temporaryFolder(),
    server = fileServer();
  const entry = (): RegistryEntry => ({
    name: "sample",
    kind: "data",
    what: "two files",
    sources: [
      {
        kind: "files",
        variant: "official",
        format: "raw",
        licence: "MIT",
        files: [
          { path: "sample/one.bin", bytes: one.length, sha256: sha256(one), url: server.url("/one.bin") },
          { path: "sample/two.bin", bytes: two.length, sha256: sha256(two), url: server.url("/two.bin") },
        ],
      },
      {
        kind: "files",
        variant: "repackaged",
        format: "raw",
        licence: "MIT",
        files: [{ path: "sample/other.bin", bytes: other.length, sha256: sha256(other) }],
      },
    ],
  });
  const put = (where: string, name: string, bytes: Uint8Array): string => {
    const file = path.join(where, "sample", name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, bytes);
    return file;
  };
  const mirrored = (): Places => testPlaces(folder(), { mirror: path.join(folder(), "mirror"), offline: true });
  const said: string[] = [];
  const get = (at: Places, options: ObtainOptions = {}): ReturnType<typeof obtainEntry> =>
    obtainEntry(entry(), { places: at, log: (line) => said.push(line), ...options });
  beforeEach(() => {
    said.length = 0;
  });

  it("prefers what is here, in the order of the sources, and says which it is", async () => {
    const at = mirrored();
    put(at.mirror as string, "other.bin", other);
    expect(await get(at))
      .to.deep.include({ origin: `mirrored in ${at.mirror}` })
      .and.have.nested.property("source.variant", "repackaged");
    put(at.mirror as string, "one.bin", one);
    put(at.mirror as string, "two.bin", two);
    expect((await get(at)).source.variant).to.equal("official");
    put(at.cache, "one.bin", one);
    const mixed = await get(at);
    expect(mixed.files.map(({ from }) => from)).to.deep.equal(["cached", "mirrored"]);
    expect(mixed.origin).to.equal(`cached in ${at.cache} and mirrored in ${at.mirror}`);
    expect(fs.readdirSync(path.join(at.cache, "sample")), "mirrored files are not copied").to.deep.equal(["one.bin"]);
    expect(said).to.deep.equal([]);
  });
  it("fetches only the files that are wanted, once, even when asked twice at once", async () => {
    server.serve("/one.bin", { bytes: one });
    server.serve("/two.bin", { bytes: two });
    const at = testPlaces(folder()),
      only = (name: string): boolean => name.endsWith("one.bin");
    const [first, second] = await Promise.all([get(at, { only }), get(at, { only })]);
    expect(first.files).to.deep.equal([
      { path: "sample/one.bin", file: path.join(at.cache, "sample/one.bin"), from: "downloaded" },
    ]);
    expect(second.files[0].file).to.equal(first.files[0].file);
    expect(server.requests).to.deep.equal(["/one.bin"]);
    expect((await get(at)).files.map(({ from }) => from)).to.deep.equal(["cached", "downloaded"]);
    expect(said[0]).to.match(/^Fetching sample \(official, 5\.0 kB, MIT\) from 127\.0\.0\.1/);
  });
  it("refuses a truncated, a swapped and a corrupted cached file by name, and fetches it again", async () => {
    server.serve("/two.bin", { bytes: two });
    const at = testPlaces(folder());
    put(at.cache, "one.bin", one);
    for (const [wrong, words] of [
      [two.subarray(0, 6999), /is truncated: 6999 bytes instead of 7000/],
      [Buffer.concat([two, two]), /is too long/],
      [noise(7000, 4), /is not the published file: its SHA-256 is/],
    ] as const) {
      const file = put(at.cache, "two.bin", wrong);
      said.length = 0;
      expect((await get(at)).files[1].from).to.equal("downloaded");
      expect(said[0])
        .to.include(file)
        .and.match(/is refused: it /)
        .and.match(words);
      expect(fs.readFileSync(file).equals(two)).to.equal(true);
    }
  });
  it("passes over a wrong mirrored file, which it leaves alone", async () => {
    server.serve("/one.bin", { bytes: one });
    server.serve("/two.bin", { bytes: two });
    const at = { ...mirrored(), offline: false };
    const wrong = put(at.mirror as string, "one.bin", noise(5000, 8));
    expect((await get(at)).files.map(({ from }) => from)).to.deep.equal(["downloaded", "downloaded"]);
    expect(sha256(fs.readFileSync(wrong))).to.equal(sha256(noise(5000, 8)));
  });
  it("never touches the network when that is forbidden, and says what to do", async () => {
    const error = await failure(() => get(testPlaces(folder(), { offline: true })));
    expect(error).to.be.instanceOf(MissingDataError);
    expect(error.message).to.match(
      /^sample is not here: .*VITRINE_MIRROR is not set.*VITRINE_OFFLINE=1 forbids the network\. Run `npx vitrine data get sample` \(12 kB\)/,
    );
    expect(server.requests).to.deep.equal([]);
  });
  it("names the server's refusal, and does not wait for a dead host twice", async () => {
    expect((await failure(() => get(testPlaces(folder())))).message).to.match(
      /one\.bin could not be fetched: the server answered 404/,
    );
    const dead = {
      ...entry(),
      sources: [
        {
          ...entry().sources[0],
          files: [{ path: "sample/x.bin", bytes: 1, sha256: "00000000", url: "http://nowhere.invalid/x" }],
        },
      ],
    } as RegistryEntry;
    for (let i = 0; i < 2; i++)
      expect(
        (await failure(() => obtainEntry(dead, { places: testPlaces(folder()), log: (line) => said.push(line) })))
          .message,
      ).to.match(/nowhere\.invalid cannot be reached/);
    expect(said.filter((line) => line.startsWith("Fetching") && line.includes("nowhere"))).to.have.length(1);
  });
  it("hashes a file once, and again when it changes", async () => {
    const file = put(folder(), "one.bin", one),
      memory = path.join(folder(), "cache"),
      expected = { path: "", bytes: one.length, sha256: sha256(one) };
    expect(await verify(file, expected, { memory })).to.deep.equal({ state: "right" });
    const remembered = path.join(memory, "verified.json"),
      contents = fs.readFileSync(remembered, "utf8");
    // A forged memory is believed, which shows that the file was not read again; `again` does read it.
    fs.writeFileSync(remembered, contents.replace(sha256(one), "0".repeat(64)));
    expect((await verify(file, expected, { memory })).state).to.equal("wrong");
    expect((await verify(file, expected, { memory, again: true })).state).to.equal("right");
    fs.writeFileSync(file, noise(5000, 5));
    fs.utimesSync(file, new Date(), new Date(Date.now() + 5000));
    expect((await verify(file, expected, { memory })).state).to.equal("wrong");
    fs.writeFileSync(remembered, "{ broken");
    expect((await verify(put(folder(), "one.bin", one), expected, { memory })).state).to.equal("right");
  });
  it("describes every state without the network", async () => {
    const at = mirrored();
    expect(describeEntry(entry(), at))
      .to.include({ source: "missing", files: 2, bytes: 12000 })
      .and.have.property("remedy")
      .that.matches(/VITRINE_OFFLINE/);
    expect(describeEntry(entry(), { ...at, offline: false })).to.include({
      source: "downloadable",
      remedy: "npx vitrine data get sample (12 kB)",
    });
    put(at.mirror as string, "other.bin", other);
    expect(describeEntry(entry(), at)).to.include({
      source: "mirrored",
      variant: "repackaged",
      bytes: 9000,
      where: path.join(at.mirror as string, "sample"),
    });
    put(at.cache, "one.bin", one);
    put(at.cache, "two.bin", two);
    expect(describeEntry(entry(), at)).to.include({ source: "cached", variant: "official" });
    expect(server.requests).to.deep.equal([]);
  });
  it("finds the cache, the mirror and the offline wish in the environment", () => {
    expect(places({ XDG_CACHE_HOME: "/x" }).cache).to.equal(path.resolve("/x/vitrine"));
    expect(places({}).cache).to.match(/vitrine|data.cache/);
    expect(places({ VITRINE_MIRROR: "m" }).mirror).to.equal(path.resolve("m"));
    expect(places({ VITRINE_OFFLINE: "1" }).offline).to.equal(true);
    expect(places({ VITRINE_OFFLINE: "0" }).offline).to.equal(false);
  });
  it("is well-formed: unique paths that stay inside, hashes, sizes, licences, addresses", () => {
    const entries = [...registry("data"), ...registry("model")],
      paths = new Set<string>();
    expect(entries.map(({ name }) => name)).to.include.members([
      "fashion-mnist",
      "imagenet-val-25",
      "flowers",
      "squeezenet1_1",
      "vgg16",
      "googlenet",
      "deit_tiny",
      "fashion-deep",
      "fashion-alexnet",
    ]);
    for (const { name, sources } of entries)
      for (const source of sources) {
        expect(source.licence, name).to.not.equal("");
        for (const file of source.files) {
          expect(file.path, name)
            .to.match(/^[a-z][a-z-]*(\/[\w.-]+)+$/)
            .and.not.include("..");
          expect(paths.has(file.path), file.path).to.equal(false);
          paths.add(file.path);
          if (source.kind !== "files") continue;
          const { bytes, sha256: hash, url, approximate } = file as (typeof source.files)[number];
          expect(bytes).to.be.greaterThan(0);
          expect(hash).to.match(approximate ? /^[0-9a-f]{8}([0-9a-f]{56})?$/ : /^[0-9a-f]{64}$/);
          if (url) expect(new URL(url).protocol).to.match(/^https?:$/);
          if (hash.length === 8) expect(url, "a short hash needs a safe connection").to.match(/^https:/);
        }
      }
  });
  it("names near entries for an unknown one", async () => {
    expect((await failure(() => registryEntry("model", "squeezenet"))).message).to.match(
      /^model is "squeezenet"; allowed: .*Nearest: squeezenet1_1\.$/,
    );
  });
});
