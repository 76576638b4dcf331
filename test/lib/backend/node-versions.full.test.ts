import { expect } from "chai";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backendChoice, ready } from "../../../lib/backend";

const root = join(__dirname, "../../..");
/** Outside the sources, and kept: each version is 100 MB. */
const cache = existsSync(join(root, ".venv")) ? join(root, ".venv", "node-versions") : join(tmpdir(), "vitrine-node-versions");
const versions = ["20", "22", "24"];

/** The npm package that holds nothing but Node's program for this machine; `node` itself fetches it by an install script. */
const platformPackage = `${process.platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node"}-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;

/** Node of another version from the package registry, or why there is none. */
function install(version: string): { node: string } | { missing: string } {
  if (process.versions.node.startsWith(`${version}.`)) return { node: process.execPath };
  const folder = join(cache, version);
  const node = join(folder, "node_modules", platformPackage, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (!existsSync(node)) {
    mkdirSync(folder, { recursive: true });
    const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ["npm"];
    const args = [...npm.slice(1), "install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", `${platformPackage}@${version}`];
    const { status, stderr } = spawnSync(npm[0], args, { cwd: folder, encoding: "utf8", shell: process.platform === "win32" && npm.length === 1 });
    if (status !== 0 || !existsSync(node)) return { missing: `${platformPackage}@${version} cannot be installed (${(stderr ?? "").split("\n").find((line) => /error/i.test(line)) ?? "npm did not run"})` };
  }
  return { node };
}

/** Loads the library as a notebook does and differentiates (x² summed over a convolution's windows). */
const code = `
  const { tf, ready } = require("./lib/index.ts");
  const { inputGradient } = require("./lib/backend/index.ts");
  const made = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  ready().then((choice) => {
    const gradient = inputGradient((x) => tf.relu(tf.conv2d(x, tf.ones([2, 2, 1, 1]), 1, "valid")).square(), made, "guided");
    console.log(JSON.stringify({ node: process.versions.node, backend: choice.name, gradient: Array.from(gradient.dataSync()) }));
  });`;

describe("Node versions", function () {
  this.timeout(300_000);
  for (const version of versions) {
    for (const backend of ["", "wasm"]) {
      it(`Node ${version}${backend ? `, ${backend}` : ""}: the backend loads in silence and a gradient is right`, async function () {
        const { name } = await ready();
        const found = install(version);
        if ("missing" in found) {
          if (this.test) this.test.title += ` (skipped: ${found.missing})`;
          return this.skip();
        }
        expect(execFileSync(found.node, ["-v"], { encoding: "utf8" })).to.match(new RegExp(`^v${version}\\.`));
        const { stdout, stderr } = spawnSync(found.node, ["-r", "tsx/cjs", "-e", code], { cwd: root, encoding: "utf8", env: { ...process.env, VITRINE_BACKEND: backend } });
        expect(stdout, stderr).to.not.equal("");
        // d/dx (1+2+3+4)² = 20 everywhere.
        expect(JSON.parse(stdout)).to.deep.include({ backend: backend || name, gradient: [20, 20, 20, 20] });
        expect(stderr).to.equal("");
        expect(backendChoice().name).to.equal(name);
      });
    }
  }
});
