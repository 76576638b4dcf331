// Where the parts of this package lie, and its own package.json.
import { readFileSync } from "fs";
import * as path from "path";

const dist = path.resolve(__dirname, "..");

/** The files that a kernelspec names. */
export const kernelFiles = {
  main: path.join(dist, "main.js"),
  launch: path.join(dist, "launch/launch.sh"),
  lastWords: path.join(dist, "launch/last-words.js"),
};

export function ownManifest(): { name: string; version: string } {
  return JSON.parse(readFileSync(path.join(dist, "../package.json"), "utf8")) as { name: string; version: string };
}
