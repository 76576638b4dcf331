import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { root } from "../../notebooks/course";

const run = promisify(execFile);

/** What somebody who uses the library has beside it; the versions are those that it was tried with. */
const beside = [
  "@tensorflow/tfjs@4.22.0",
  "@types/node@20.19.43",
  "typescript@5.9.3",
  "esbuild@0.28.2",
  "vite@8.4.0",
  "webpack@5.113.0",
  "publint@0.3.25",
  "@arethetypeswrong/core@0.18.5",
];

/** Somebody's project in an empty folder, with the library installed by npm from the packed file. */
export class Consumer {
  private constructor(
    readonly folder: string,
    /** The packed file. */
    readonly packed: string,
  ) {}

  static async made(): Promise<Consumer> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "vitrine-consumer-")));
    const pack = join(root, "kernel-setup", "pack-library.mjs");
    const { stdout } = await run(process.execPath, [pack, "--into", join(folder, "packed")]);
    const consumer = new Consumer(folder, stdout.trim());
    consumer.write("package.json", JSON.stringify({ name: "consumer", private: true, type: "module" }));
    await consumer.run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", consumer.packed, ...beside]);
    return consumer;
  }

  write(file: string, text: string): string {
    const path = join(this.folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** @throws Error with what the program said, where it ends with anything but 0 */
  async run(program: string, args: readonly string[]): Promise<string> {
    // Nothing of the repository's own settings is seen.
    const { VITRINE_MIRROR: _mirror, VITRINE_BACKEND: _backend, NODE_PATH: _path, ...env } = process.env;
    try {
      const { stdout } = await run(program, args, { cwd: this.folder, env, timeout: 180_000, maxBuffer: 1 << 24 });
      return stdout;
    } catch (error) {
      const { stdout = "", stderr = "", message } = error as Error & { stdout?: string; stderr?: string };
      throw new Error(`${program} ${args.join(" ")}: ${message}\n${stdout}\n${stderr}`, { cause: error });
    }
  }

  /** Runs a program of an installed package with Node. */
  node(...args: string[]): Promise<string> {
    return this.run(process.execPath, args);
  }

  end(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
