import { expect } from "chai";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { download, type DownloadOptions } from "../../../lib/data/download";
import type { RegistryFile } from "../../../lib/data/registry";
import { InterruptedError } from "../../../lib/core/errors";
import { fileServer } from "./file-server";
import { failure, noise, sha256, temporaryFolder } from "./helpers";

const bytes = noise(300_000),
  brief: DownloadOptions["limits"] = { connect: 400, response: 400, idle: 300 };

describe("download", () => {
  const folder = temporaryFolder(),
    server = fileServer();
  const destination = (): string => path.join(folder(), "deep", "weights.bin");
  const left = (): string[] =>
    fs.existsSync(path.dirname(destination())) ? fs.readdirSync(path.dirname(destination())) : [];
  const entry = (change: Partial<RegistryFile> = {}): RegistryFile & { url: string } => ({
    path: "weights.bin",
    bytes: bytes.length,
    sha256: sha256(bytes),
    url: server.url("/w"),
    ...change,
  });
  const fetchIt = (options: DownloadOptions = {}, change: Partial<RegistryFile> = {}): Promise<void> =>
    download(entry(change), destination(), { limits: brief, ...options });
  const expectComplete = (): void => {
    expect(fs.readFileSync(destination()).equals(bytes)).to.equal(true);
    expect(left()).to.deep.equal(["weights.bin"]);
  };

  it("fetches, reports bytes, leaves the file and nothing else", async () => {
    server.serve("/w", { bytes });
    const reports: number[] = [];
    await fetchIt({
      onProgress: ({ done, total }) => {
        reports.push(done);
        expect(total).to.equal(bytes.length);
      },
    });
    expectComplete();
    expect(reports.at(-1)).to.equal(bytes.length);
  });
  it("takes a broken connection up where it broke", async () => {
    server.serve("/w", { bytes, breakAfter: [100_000, 50_000] });
    await fetchIt();
    expectComplete();
    expect(server.requests).to.have.length(3);
    expect(server.requests[1]).to.match(/bytes=1?\d+-/);
  });
  it("starts again where the server knows no ranges", async () => {
    server.serve("/w", { bytes, breakAfter: [100_000], ignoreRange: true });
    await fetchIt();
    expectComplete();
  });
  it("gives up after some tries, in one line, keeps the part, and goes on from it next time", async () => {
    server.serve("/w", { bytes, breakAfter: [70_000, 0, 0, 0, 0, 0] });
    const { message } = await failure(() => fetchIt({ retries: 1 }));
    expect(message).to.match(/\/w could not be fetched: the connection broke after|aborted|hang up|terminated/);
    expect(fs.existsSync(destination())).to.equal(false);
    expect(left())
      .to.have.length(1)
      .and.satisfy(([name]: string[]) => name.endsWith(".part"));
    const size = fs.statSync(path.join(path.dirname(destination()), left()[0])).size;
    server.serve("/w", { bytes });
    await fetchIt();
    expectComplete();
    expect(server.requests.at(-1)).to.equal(`/w bytes=${size}-`);
  });
  it("tries again after a server's bad moment, not after a plain no", async () => {
    server.serve("/w", { bytes, statuses: [503, 500] });
    await fetchIt();
    expectComplete();
    expect((await failure(() => fetchIt({}, { url: server.url("/none") }))).message).to.match(
      /\/none could not be fetched: the server answered 404 \(Not Found\)\.$/,
    );
    expect(server.requests.filter((request) => request === "/none")).to.have.length(1);
  });
  it("refuses a truncated, a longer and a swapped file by name, and leaves nothing", async () => {
    for (const chunked of [false, true]) {
      server.serve("/w", { bytes: bytes.subarray(0, 200_000), chunked });
      expect((await failure(() => fetchIt({ retries: 0 }))).message).to.match(
        /\/w is refused, as the server's file has 200000 bytes instead of 300000/,
      );
      server.serve("/w", { bytes: Buffer.concat([bytes, bytes]), chunked });
      expect((await failure(() => fetchIt({ retries: 0 }))).message).to.match(
        /\/w is refused, as the server's file has more than 300000 bytes/,
      );
      server.serve("/w", { bytes: noise(300_000, 2), chunked });
      expect((await failure(() => fetchIt({ retries: 0 }))).message).to.match(
        /\/w is refused, as it is not the published file: its SHA-256 is [0-9a-f]{16}…, not [0-9a-f]{16}…/,
      );
      expect(left().filter((name) => !name.endsWith(".part"))).to.deep.equal([]);
    }
    server.serve("/w", { bytes });
    await fetchIt();
    expectComplete();
  });
  it("replaces a wrong file, and does not trust a part that somebody swapped", async () => {
    fs.mkdirSync(path.dirname(destination()));
    fs.writeFileSync(destination(), "wrong");
    fs.writeFileSync(`${destination()}.0-00000000.part`, noise(150_000, 9));
    server.serve("/w", { bytes });
    await fetchIt();
    expectComplete();
    expect(server.requests).to.deep.equal(["/w bytes=150000-", "/w"]);
  });
  it("takes eight digits for a hash, and about right for a size, where no more is published", async () => {
    server.serve("/w", { bytes });
    await fetchIt({}, { sha256: sha256(bytes).slice(0, 8), bytes: 290_000, approximate: true });
    expectComplete();
    server.serve("/w", { bytes: noise(700_000) });
    expect(
      (await failure(() => fetchIt({}, { sha256: "00000000", bytes: 290_000, approximate: true }))).message,
    ).to.match(/refused/);
  });
  it("follows redirects, but not in a circle", async () => {
    server.serve("/w", { bytes, redirect: "/there" });
    server.serve("/there", { bytes });
    await fetchIt();
    expectComplete();
    server.serve("/there", { bytes, redirect: "/w" });
    expect((await failure(() => fetchIt())).message).to.match(/redirects in a circle/);
  });
  it("notices a closed network in seconds: refused, never connected, never answered, silent", async () => {
    const silent = net.createServer(() => undefined),
      sockets: net.Socket[] = [];
    silent.on("connection", (socket) => sockets.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const port = (silent.address() as net.AddressInfo).port;
    const started = Date.now();
    // Over https the handshake never ends, which counts as no connection.
    expect((await failure(() => fetchIt({}, { url: `https://127.0.0.1:${port}/w` }))).message).to.match(
      /127\.0\.0\.1:\d+ cannot be reached \(no connection within 0\.4 s\)/,
    );
    expect((await failure(() => fetchIt({ retries: 0 }, { url: `http://127.0.0.1:${port}/w` }))).message).to.match(
      /no answer within 0\.4 s/,
    );
    sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => silent.close(resolve));
    expect((await failure(() => fetchIt({}, { url: `http://127.0.0.1:${port}/w` }))).message).to.match(
      /cannot be reached \(connection refused\)/,
    );
    expect((await failure(() => fetchIt({}, { url: "http://nowhere.invalid/w" }))).message).to.match(
      /nowhere\.invalid cannot be reached \(its name cannot be resolved/,
    );
    server.serve("/w", { bytes, stallAfter: 20_000 });
    expect((await failure(() => fetchIt({ retries: 0 }))).message).to.match(/nothing arrived for 0\.3 s/);
    expect(Date.now() - started).to.be.below(8000);
  });
  it("stops when interrupted, and goes on later", async () => {
    server.serve("/w", { bytes, pause: 20 });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 120);
    expect(await failure(() => fetchIt({ signal: stop.signal }))).to.be.instanceOf(InterruptedError);
    expect(fs.existsSync(destination())).to.equal(false);
    server.serve("/w", { bytes });
    await fetchIt();
    expectComplete();
    expect(server.requests.at(-1)).to.match(/bytes=\d+-/);
  });

  it("leaves no half file on a full disk", async function () {
    server.serve("/w", { bytes });
    let written = 0;
    const full: DownloadOptions["openSink"] = async () => ({
      write: async (chunk) => {
        if ((written += chunk.length) > 100_000) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      },
      close: async () => undefined,
    });
    expect((await failure(() => fetchIt({ openSink: full }))).message).to.match(
      /weights\.bin cannot be written: the disk is full.*XDG_CACHE_HOME/,
    );
    if (fs.existsSync("/dev/full"))
      expect((await failure(() => fetchIt({ openSink: () => fs.promises.open("/dev/full", "w") }))).message).to.match(
        /the disk is full/,
      );
    expect(left()).to.deep.equal([]);
  });
  it("says before it starts that there is no room", async () => {
    expect((await failure(() => fetchIt({}, { bytes: 1e18 }))).message).to.match(
      /the disk is full \(it needs 1000000000 GB, and .* are free\)/,
    );
    expect(server.requests).to.deep.equal([]);
  });
  it("lets two processes fetch one file at once, and takes over what a killed one left", async function () {
    this.timeout(60000);
    server.serve("/w", { bytes, pause: 30 });
    const fetcher = `require("tsx/cjs");
const { download } = require(${JSON.stringify(path.resolve("lib/data/download.ts"))});
download(${JSON.stringify(entry())}, ${JSON.stringify(destination())}).then(() => process.exit(0), (error) => {
  console.error(error); process.exit(1); });`;
    const start = (): { ended: Promise<number | null>; kill: () => void } => {
      const child = spawn(process.execPath, ["-e", fetcher], { stdio: ["ignore", "ignore", "inherit"] });
      return { ended: new Promise((resolve) => child.on("exit", resolve)), kill: () => child.kill("SIGKILL") };
    };
    const both = [start(), start()];
    expect(await Promise.all(both.map(({ ended }) => ended))).to.deep.equal([0, 0]);
    expectComplete();
    expect(server.requests).to.have.length(2);

    fs.rmSync(destination());
    const killed = start();
    while (!left().some((name) => fs.statSync(path.join(path.dirname(destination()), name)).size > 30_000))
      await sleep(10);
    killed.kill();
    await killed.ended;
    expect(fs.existsSync(destination())).to.equal(false);
    await fetchIt();
    expectComplete();
    expect(server.requests.at(-1)).to.match(/bytes=\d{5,}-/);
  });
});
