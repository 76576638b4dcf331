import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const ending = process.platform === "win32" ? ".exe" : "";

/** Whether a program can be called by its name; without starting it. */
export function onPath(name, env = process.env) {
  return (env.PATH ?? "")
    .split(delimiter)
    .some((folder) => folder !== "" && existsSync(join(folder, `${name}${ending}`)));
}
