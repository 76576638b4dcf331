import { expect } from "chai";
import { spawnSync } from "node:child_process";
import * as os from "node:os";
import * as path from "node:path";
import { realFashionMnist } from "../../helpers/real-data";

describe("Fashion-MNIST in a process that has read nothing yet", function () {
  this.timeout(60_000);

  it("reads the test set in less than 300 ms of computing, without opening the training set", async function () {
    (await realFashionMnist(this, { count: 1 })).dispose();
    // In a process of its own, where nothing is read yet.
    const script = `require("tsx/cjs"); const fs = require("node:fs");
const { readFashionMnist } = require("./lib/data/fashion-mnist.ts");
const opened = [], read = fs.promises.readFile;
fs.promises.readFile = (file, ...rest) => { opened.push(String(file)); return read(file, ...rest); };
const started = process.cpuUsage(); readFashionMnist("test").then(() => {
  const { user, system } = process.cpuUsage(started);
  console.log(JSON.stringify({ opened, took: (user + system) / 1000 })); });`;
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], {
      encoding: "utf8",
      cwd: path.resolve("."),
    });
    const { opened, took } = JSON.parse(stdout.trim().split("\n").at(-1) || stderr) as {
      opened: string[];
      took: number;
    };
    expect(opened).to.have.length(2);
    for (const file of opened) expect(path.basename(file)).to.match(/^t10k-/);
    expect(took).to.be.below(300);
  });
  it("draws stand-ins, says so in one line, and refuses them where only real data will do", function () {
    const script = `require("tsx/cjs"); const { loadFashionMnist } = require("./lib/data/fashion-mnist.ts");
(async () => {
  const some = await loadFashionMnist({ split: "test", classes: ["Trouser", "Pullover"], perClass: 2 });
  const again = await loadFashionMnist({ split: "test", indices: [1] });
  const refused = await loadFashionMnist({ standIns: "refuse" }).catch((error) => error.name);
  console.log(JSON.stringify({ shape: some.images.shape, labels: some.labels, source: some.source, refused,
    same: (await some.images.slice([0], [1]).sub(again.images).abs().max().data())[0],
    most: (await some.images.max().data())[0] }));
})();`;
    const empty = path.join(os.tmpdir(), "vitrine-no-such-cache");
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], {
      encoding: "utf8",
      cwd: path.resolve("."),
      env: { ...process.env, VITRINE_MIRROR: "", VITRINE_OFFLINE: "1", XDG_CACHE_HOME: empty },
    });
    expect(stdout, stderr).to.not.equal("");
    const { most, ...result } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
    expect(result).to.deep.equal({
      shape: [4, 28, 28, 1],
      labels: [1, 2, 1, 2],
      source: "stand-in",
      refused: "MissingDataError",
      same: 0,
    });
    expect(most).to.be.within(0.2, 1);
    expect(stderr.split("\n").filter((line) => /garments drawn by a generator stand in/.test(line))).to.have.length(1);
  });
});
