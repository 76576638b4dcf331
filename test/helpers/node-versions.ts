import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(__dirname, "../..");
/** Outside the sources, and kept: each version is 100 MB. */
const cache = existsSync(join(root, ".venv"))
  ? join(root, ".venv", "node-versions")
  : join(tmpdir(), "vitrine-node-versions");

export const nodeVersions = ["20", "22", "24"];

/**
 * The npm package that holds nothing but Node's program for this machine; `node` itself fetches it by an install
 * script.
 */
const platformPackage = [
  process.platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node",
  process.platform === "win32" ? "win" : process.platform,
  process.arch,
].join("-");

/** Node of another version from the package registry, or why there is none. */
export function installNode(version: string): { node: string } | { missing: string } {
  if (process.versions.node.startsWith(`${version}.`)) return { node: process.execPath };
  const folder = join(cache, version);
  const node = join(folder, "node_modules", platformPackage, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (!existsSync(node)) {
    mkdirSync(folder, { recursive: true });
    const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ["npm"];
    const args = [
      ...npm.slice(1),
      "install",
      "--prefix",
      folder,
      "--no-save",
      "--no-audit",
      "--no-fund",
      "--ignore-scripts",
      `${platformPackage}@${version}`,
    ];
    const { status, stderr } = spawnSync(npm[0], args, {
      cwd: folder,
      encoding: "utf8",
      shell: process.platform === "win32" && npm.length === 1,
    });
    if (status !== 0 || !existsSync(node))
      return {
        missing:
          `${platformPackage}@${version} cannot be installed ` +
          `(${(stderr ?? "").split("\n").find((line) => /error/i.test(line)) ?? "npm did not run"})`,
      };
  }
  return { node };
}
