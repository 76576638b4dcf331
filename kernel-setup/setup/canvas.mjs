import { existsSync } from "node:fs";
import { join } from "node:path";
import { npmCommand } from "./npm-packages.mjs";
import { run } from "./run.mjs";
import { hashFiles, hashOf, readStamp, writeStamp } from "./stamp.mjs";

/**
 * Step: the npm package `canvas`, which decodes photographs and draws the pictures beside the plots. Its binary comes
 * from a code host, or from a compiler and Cairo's headers; @napi-rs/canvas does the same work where neither is
 * available.
 */
export const canvas = {
  name: "canvas",
  after: ["npm packages"],

  check({ project }) {
    const stamp = readStamp(stampFile(project));
    if (stamp?.hash === inputs(project) && (stamp.use !== "canvas" || existsSync(binary(project))))
      return { ready: describe(stamp) };
    return { todo: "trying the canvas package" };
  },

  async run({ project, env }) {
    const stamp = { hash: inputs(project), use: "canvas" };
    try {
      const [command, ...args] = npmCommand(env);
      await run(command, [...args, "rebuild", "canvas", "--ignore-scripts=false", "--loglevel=error"], {
        cwd: project.root,
        env,
        seconds: 120,
      });
      await run(
        process.execPath,
        ["-e", 'require("canvas").createCanvas(9, 9).getContext("2d").measureText("x").width.toFixed()'],
        { cwd: project.root, env, seconds: 30 },
      );
    } catch (error) {
      stamp.use = "@napi-rs/canvas";
      stamp.reason = whyNot(error);
    }
    writeStamp(stampFile(project), stamp);
    return describe(stamp);
  },
};

function whyNot(error) {
  if (!/prebuild-install|gyp/i.test(error.output ?? "")) return error.reason ?? error.message;
  const lacking = /pkg-config|pangocairo|pixman/i.test(error.output)
    ? "Cairo's headers to compile it are not installed"
    : "it cannot be compiled here";
  return `its binary cannot be downloaded, and ${lacking}`;
}

const stampFile = (project) => join(project.stamps, "canvas.json");
const binary = (project) => join(project.nodeModules, "canvas", "build", "Release", "canvas.node");
const inputs = (project) =>
  hashOf(
    process.platform,
    process.arch,
    process.versions.napi,
    hashFiles([join(project.nodeModules, "canvas", "package.json")]),
  );

function describe({ use, reason }) {
  return use === "canvas" ? "canvas" : `@napi-rs/canvas is used; canvas was not available: ${reason}`;
}
