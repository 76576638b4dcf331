import { expect } from "chai";
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { backendChoice, ready } from "../../../lib/backend";
import { installNode, nodeVersions } from "../../helpers/node-versions";

const root = join(__dirname, "../../..");

/** Loads the library as a notebook does and differentiates (x² summed over a convolution's windows). */
const code = `
  const { tf, ready } = require("./lib/index.ts");
  const { inputGradient } = require("./lib/backend/index.ts");
  const made = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  ready().then((choice) => {
    const gradient = inputGradient((x) => tf.relu(tf.conv2d(x, tf.ones([2, 2, 1, 1]), 1, "valid")).square(), made,
      "guided");
    console.log(JSON.stringify({ node: process.versions.node, backend: choice.name,
      gradient: Array.from(gradient.dataSync()) }));
  });`;

describe("Node versions", function () {
  this.timeout(300_000);
  for (const version of nodeVersions) {
    for (const backend of ["", "wasm"]) {
      it(`Node ${version}${backend ? `, ${backend}` : ""}: it loads silently, a gradient is right`, async function () {
        const { name } = await ready();
        const found = installNode(version);
        if ("missing" in found) {
          if (this.test) this.test.title += ` (skipped: ${found.missing})`;
          return this.skip();
        }
        expect(execFileSync(found.node, ["-v"], { encoding: "utf8" })).to.match(new RegExp(`^v${version}\\.`));
        const { stdout, stderr } = spawnSync(found.node, ["-r", "tsx/cjs", "-e", code], {
          cwd: root,
          encoding: "utf8",
          env: { ...process.env, VITRINE_BACKEND: backend },
        });
        expect(stdout, stderr).to.not.equal("");
        // d/dx (1+2+3+4)² = 20 everywhere.
        expect(JSON.parse(stdout)).to.deep.include({ backend: backend || name, gradient: [20, 20, 20, 20] });
        expect(stderr).to.equal("");
        expect(backendChoice().name).to.equal(name);
      });
    }
  }
});
