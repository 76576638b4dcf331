import { expect } from "chai";
import * as fs from "node:fs";
import * as path from "node:path";
import { UsageError } from "../../../lib/cli/args";
import { data, models } from "../../../lib/cli/registry";
import { registry } from "../../../lib/data/registry";
import { failure, noise, temporaryFolder } from "./helpers";

describe("vitrine data and vitrine models", () => {
  const folder = temporaryFolder();
  const kept = { ...process.env };
  beforeEach(() => Object.assign(process.env, { XDG_CACHE_HOME: folder(), VITRINE_MIRROR: "", VITRINE_OFFLINE: "1" }));
  afterEach(() => {
    for (const name of ["XDG_CACHE_HOME", "VITRINE_MIRROR", "VITRINE_OFFLINE"])
      if (kept[name] === undefined) delete process.env[name];
      else process.env[name] = kept[name];
  });

  /** What a subcommand prints and its exit status. */
  async function ran(work: () => Promise<number>): Promise<{ status: number; out: string; err: string }> {
    const [stdout, stderr] = [process.stdout.write, process.stderr.write],
      said = { out: "", err: "" };
    process.stdout.write = ((text: string) => Boolean((said.out += text))) as typeof stdout;
    process.stderr.write = ((text: string) => Boolean((said.err += text))) as typeof stderr;
    try {
      return { status: await work(), ...said };
    } finally {
      [process.stdout.write, process.stderr.write] = [stdout, stderr];
    }
  }

  it("lists name, size, licence and where, with the remedy for what is missing", async () => {
    const { status, out } = await ran(() => data.run(["list"]));
    expect(status).to.equal(0);
    const rows = out.trim().split("\n");
    expect(rows[0]).to.match(/^NAME +SIZE +LICENCE +WHERE$/);
    expect(rows.find((row) => row.startsWith("fashion-mnist"))).to.match(
      /^fashion-mnist +31 MB +MIT \(Zalando SE\) +missing: VITRINE_OFFLINE is set/,
    );
    delete process.env.VITRINE_OFFLINE;
    expect((await ran(() => models.run(["list"]))).out).to.match(
      /vgg16 +553 MB +.*downloadable from download\.pytorch\.org: npx vitrine models get vgg16 \(553 MB\)/,
    );
  });
  it("gets: one line for what cannot be obtained, exit 1, or 0 with --best-effort", async () => {
    const refused = await ran(() => data.run(["get", "fashion-mnist"]));
    expect(refused).to.include({ status: 1, out: "" });
    expect(refused.err.trim().split("\n")).to.have.length(1);
    expect(refused.err).to.match(/^fashion-mnist is not here/);
    const all = await ran(() => data.run(["get", "--all", "--best-effort"]));
    expect(all.status).to.equal(0);
    expect(all.err.trim().split("\n")).to.have.length(registry("data").length);
    const committed = await ran(() => models.run(["get", "fashion-deep"]));
    expect(committed).to.deep.equal({ status: 0, out: "fashion-deep (committed): part of the project\n", err: "" });
  });
  it("verifies by hashing again, and names the file that is wrong", async () => {
    const file = path.join(folder(), "vitrine", "fashion-mnist", "t10k-labels-idx1-ubyte.gz");
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, noise(5148));
    const wrong = await ran(() => data.run(["verify"]));
    expect(wrong.status).to.equal(1);
    expect(wrong.out)
      .to.include(`${file} is not the published file`)
      .and.match(/flowers: not here/);
    fs.rmSync(file);
    expect(await ran(() => data.run(["verify", "fashion-mnist"]))).to.deep.equal({
      status: 0,
      out: "fashion-mnist: not here\n",
      err: "",
    });
  });
  it("refuses what it does not understand", async () => {
    for (const args of [
      [],
      ["fetch"],
      ["get"],
      ["get", "--all", "flowers"],
      ["list", "extra"],
      ["get", "flowers", "--force"],
      ["get", "--from", "x.pth"],
      ["get", "flowers", "imagenet-val-25", "--from", "x.npz"],
    ])
      expect(await failure(() => data.run(args)), args.join(" ")).to.be.instanceOf(UsageError);
    expect((await failure(() => data.run(["get", "flower"]))).message).to.match(/Nearest: flowers/);
    expect((await ran(() => models.run(["--help"]))).out).to.match(
      /npx vitrine models get \[NAME\.\.\.\] \[flags\][\s\S]*--best-effort/,
    );
  });
});
