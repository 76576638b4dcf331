import { expect } from "chai";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { load, node, root, withFolder } from "./load";

interface Project {
  root: string;
  stamps: string;
  nodeModules: string;
}
interface Context {
  project: Project;
  env: NodeJS.ProcessEnv;
}
interface Step {
  check(context: Context): { ready?: string; todo?: string };
  run(context: Context): Promise<string>;
}

/** Every client that set-up starts is sent to an address where nobody answers. */
const closed = {
  HTTP_PROXY: "http://127.0.0.1:9",
  HTTPS_PROXY: "http://127.0.0.1:9",
  http_proxy: "http://127.0.0.1:9",
  https_proxy: "http://127.0.0.1:9",
  npm_config_registry: "http://127.0.0.1:9/",
  PIP_INDEX_URL: "http://127.0.0.1:9/simple",
};

describe("set-up without a network", () => {
  it("once set up, it ends well and does nothing", function () {
    this.timeout(180_000);
    expect(node("kernel-setup/setup.mjs").status).to.equal(0);
    const started = Date.now();
    const { status, stdout } = node("kernel-setup/setup.mjs", [], closed);
    expect(stdout).not.to.contain("…");
    const steps = [...stdout.matchAll(/^\[(\d+)\/(\d+)\] (.{16}) \S.*$/gm)].map(([, number, of, name]) => ({
      number: Number(number),
      of: Number(of),
      name: name.trim(),
    }));
    expect(steps.map(({ number, of }) => [number, of])).to.deep.equal(steps.map((_, i) => [i + 1, steps.length]));
    expect(steps.map(({ name }) => name)).to.include.members([
      "npm packages",
      "Python",
      "Python packages",
      "backend",
      "canvas",
      "library, kernel",
      "Jupyter kernel",
      "data, weights",
    ]);
    expect(status).to.equal(0);
    this.test!.title += ` (${((Date.now() - started) / 1000).toFixed(1)} s)`;
  });

  it("data that is missing is said in one line, with what is used instead; asked for again later", async function () {
    this.timeout(120_000);
    const { data } = await load<{ data: Step }>("data.mjs");
    const { project } = await load<{ project: Project }>("project.mjs");
    await withFolder(async (folder) => {
      const context = {
        project: { ...project, stamps: folder },
        env: {
          ...process.env,
          VITRINE_MIRROR: "",
          ...closed,
          XDG_CACHE_HOME: join(folder, "cache"),
          VITRINE_OFFLINE: "1",
        },
      };
      const line = await data.run(context);
      expect(line).to.match(
        /^Fashion-MNIST is not available \(.+\): stand-in garments are drawn instead\. .*npx vitrine data get fashion-mnist$/,
      );
      expect(data.check(context)).to.deep.equal({ ready: line });
      const stamp = join(folder, "data.json");
      writeFileSync(
        stamp,
        JSON.stringify({ ...(JSON.parse(readFileSync(stamp, "utf8")) as object), when: Date.now() - 13 * 3_600_000 }),
      );
      expect(data.check(context)).to.have.property("todo");
      expect(
        data.check({ ...context, env: { ...context.env, VITRINE_MIRROR: folder } }),
        "another mirror",
      ).to.have.property("todo");
    });
  });

  it("npm packages that cannot be fetched stop it with a line that says so", async function () {
    this.timeout(120_000);
    const { npmPackages } = await load<{ npmPackages: Step }>("npm-packages.mjs");
    const { projectAt } = await load<{ projectAt(root: string): Project }>("project.mjs");
    await withFolder(async (folder) => {
      writeFileSync(
        join(folder, "package.json"),
        '{ "name": "x", "version": "1.0.0", "dependencies": { "nothing-of-ours": "1.0.0" } }',
      );
      writeFileSync(
        join(folder, "package-lock.json"),
        '{ "name": "x", "version": "1.0.0", "lockfileVersion": 3, "packages": { "": { "dependencies": { ' +
          '"nothing-of-ours": "1.0.0" } }, "node_modules/nothing-of-ours": { "version": "1.0.0" } } }',
      );
      const env = { ...process.env, ...closed, npm_config_fetch_retries: "0", npm_config_cache: join(folder, "cache") };
      const error = await npmPackages.run({ project: projectAt(folder), env }).then(
        () => undefined,
        (reason: Error) => reason,
      );
      expect(error?.message).to.match(/^npm could not install the packages \(is the npm registry reachable\?\)/);
      expect(existsSync(join(folder, "node_modules", ".vitrine.json"))).to.equal(false);
    });
  });
});

describe("npm packages installed by hand", () => {
  it("count when npm's record has every locked version, optional ones aside", async () => {
    const { installedAsLocked } = await load<{ installedAsLocked(project: Project): boolean }>("npm-packages.mjs");
    const { projectAt } = await load<{ projectAt(root: string): Project }>("project.mjs");
    expect(installedAsLocked(projectAt(root)), "this checkout").to.equal(true);
    withFolder((folder) => {
      const write = (file: string, packages: object): void =>
        writeFileSync(join(folder, file), JSON.stringify({ packages }));
      mkdirSync(join(folder, "node_modules", "vitrine"), { recursive: true });
      write("package-lock.json", {
        "": {},
        "node_modules/a": { version: "1.0.0" },
        "node_modules/b": { version: "2.0.0", optional: true },
        "node_modules/vitrine": { link: true },
      });
      expect(installedAsLocked(projectAt(folder)), "no record").to.equal(false);
      write("node_modules/.package-lock.json", { "node_modules/a": { version: "1.0.0" } });
      expect(installedAsLocked(projectAt(folder))).to.equal(true);
      write("node_modules/.package-lock.json", { "node_modules/a": { version: "1.0.1" } });
      expect(installedAsLocked(projectAt(folder)), "another version").to.equal(false);
    });
  });
});
