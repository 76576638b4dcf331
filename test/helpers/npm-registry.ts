import { execFileSync } from "child_process";
import { createHash } from "crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "fs";
import { createServer, type Server } from "http";
import type { AddressInfo } from "net";
import * as path from "path";

interface Published {
  manifest: { name: string; version: string };
  archive: Buffer;
}

/** A registry on this machine for the real npm: only the network's far end is ours. */
export class Registry {
  private readonly packages = new Map<string, Published>();
  private readonly server: Server;

  private constructor(private readonly folder: string) {
    this.server = createServer((request, response) => {
      const name = decodeURIComponent(request.url!.slice(1)).replace(/\.tgz$/, "");
      const found = this.packages.get(name);
      if (!found) return void response.writeHead(404).end("{}");
      if (request.url!.endsWith(".tgz")) return void response.end(found.archive);
      const { version } = found.manifest;
      const dist = {
        tarball: `${this.url}/${encodeURIComponent(name)}.tgz`,
        integrity: `sha512-${createHash("sha512").update(found.archive).digest("base64")}`,
      };
      const versions = { [version]: { ...found.manifest, dist } };
      response.end(JSON.stringify({ name, "dist-tags": { latest: version }, versions }));
    });
  }

  /** @param folder an empty one, for what is published and for npm's cache */
  static async start(folder: string): Promise<Registry> {
    const registry = new Registry(folder);
    registry.server.listen(0, "127.0.0.1");
    await new Promise((resolve) => registry.server.once("listening", resolve));
    return registry;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Lets npm ask this registry, and remember nothing of it. */
  get env(): NodeJS.ProcessEnv {
    return { npm_config_registry: this.url, npm_config_cache: path.join(this.folder, "cache") };
  }

  /** A package made of these files; its version is 1.2.3 unless the manifest has one. */
  publish(name: string, manifest: object, files: Record<string, string>): void {
    const source = path.join(this.folder, "sources", name);
    mkdirSync(source, { recursive: true });
    const whole = { name, version: "1.2.3", ...manifest };
    for (const [file, text] of Object.entries({ ...files, "package.json": JSON.stringify(whole) }))
      writeFileSync(path.join(source, file), text);
    const packed = execFileSync("npm", ["pack", "--silent", "--ignore-scripts"], {
      cwd: source,
      encoding: "utf8",
      shell: process.platform === "win32",
    });
    this.packages.set(name, { manifest: whole, archive: readFileSync(path.join(source, packed.trim())) });
  }

  /** A package as it lies in a node_modules, with what it depends on. It is not pressed, which takes seconds. */
  publishInstalled(name: string, nodeModules: string): void {
    if (this.packages.has(name)) return;
    const folder = path.join(nodeModules, name);
    const manifest = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as Published["manifest"] & {
      dependencies?: Record<string, string>;
    };
    const args = ["-cf", "-", "--exclude=node_modules", "-C", path.dirname(folder), path.basename(folder)];
    this.packages.set(name, { manifest, archive: execFileSync("tar", args, { maxBuffer: 1 << 28 }) });
    for (const each of Object.keys(manifest.dependencies ?? {})) {
      const own = path.join(folder, "node_modules");
      this.publishInstalled(each, existsSync(path.join(own, each)) ? own : nodeModules);
    }
  }

  close(): void {
    this.server.close();
  }
}
