import { expect } from "chai";
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { load, root, setupFolder, withFolder } from "./load";

type Result = { ok: boolean; reason?: string; tensorflow?: string; device?: string };
interface Project {
  root: string;
  venv: string;
  native: string;
  nodeModules: string;
}
interface Report {
  chosen: string;
  tried: { name: string; ok: boolean; reason?: string }[];
  tensorflow: string | null;
  device: string;
}

describe("choosing the native backend", () => {
  it("takes the first that works, and tells why those before it did not", async () => {
    const { choose } = await load<{ choose(list: [string, () => Promise<Result>][]): Promise<Report> }>(
      "native-backend.mjs",
    );
    const report = await choose([
      ["tfjs-node", async () => ({ ok: false, reason: "closed" })],
      ["tfjs-node-wheel", async () => ({ ok: true, tensorflow: "2.21.0", device: "cpu" })],
      ["wasm", () => expect.fail("tried although another works")],
    ]);
    expect(report).to.deep.equal({
      chosen: "tfjs-node-wheel",
      tried: [
        { name: "tfjs-node", ok: false, reason: "closed" },
        { name: "tfjs-node-wheel", ok: true },
      ],
      tensorflow: "2.21.0",
      device: "cpu",
    });
  });

  it("fails only when nothing computes at all", async () => {
    const { choose } = await load<{ choose(list: [string, () => Promise<Result>][]): Promise<Report> }>(
      "native-backend.mjs",
    );
    const error = await choose([["cpu", async () => ({ ok: false, reason: "wrong numbers" })]]).then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.message).to.match(/cannot compute here at all: cpu: wrong numbers/);
  });

  it(
    "TensorFlow's CUDA build comes first where it is asked for, with or without a GPU, and its own libraries only " +
      "there",
    async () => {
      type Attempts = Record<"own" | "wheel" | "plain", (what?: unknown) => Promise<Result>>;
      const { candidates } = await load<{
        candidates(machine: { gpu: boolean; cuda: boolean }, attempts: Attempts): [string, () => Promise<Result>][];
      }>("native-backend.mjs");
      const planned = async (gpu: boolean, cuda: boolean): Promise<string[]> => {
        const asked: string[] = [];
        const note =
          (kind: string) =>
          async (what?: unknown): Promise<Result> => {
            asked.push(`${kind} ${JSON.stringify(what) ?? ""}`.trim());
            return { ok: false };
          };
        for (const [, attempt] of candidates(
          { gpu, cuda },
          { own: note("own"), wheel: note("wheel"), plain: note("plain") },
        ))
          await attempt();
        return asked;
      };
      const rest = ['own "tfjs-node"', "wheel", 'plain "wasm"', 'plain "cpu"'];
      expect(await planned(false, false)).to.deep.equal(rest);
      expect(await planned(false, true)).to.deep.equal(['wheel {"cuda":true}', ...rest]);
      expect(await planned(true, true)).to.deep.equal(['wheel {"cuda":true}', 'own "tfjs-node-gpu"', ...rest]);
      expect(await planned(true, false)).to.deep.equal(['own "tfjs-node-gpu"', ...rest]);
    },
  );

  it("the CUDA libraries are those that the wheel itself names", async () => {
    const { cudaRequirements } = await load<{ cudaRequirements(metadata: string): string[] }>("native/cuda.mjs");
    expect(
      cudaRequirements(`Name: tensorflow
Requires-Dist: numpy>=1.26.0
Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"
Requires-Dist: nvidia-cudnn-cu12 (<10.0,>=9.3.0.75) ; extra == 'and-cuda'
Requires-Dist: tensorflow-io; extra == "gcs-filesystem"
`),
    ).to.deep.equal(["nvidia-cublas-cu12<13.0,>=12.5.3.2", "nvidia-cudnn-cu12<10.0,>=9.3.0.75"]);
  });

  it("what set-up chose here is recorded, and computes when tried again", async function () {
    this.timeout(120_000);
    const { project } = await load<{ project: Project }>("project.mjs");
    const report = JSON.parse(readFileSync(join(project.native, "backend.json"), "utf8")) as Report;
    expect(["tfjs-node-gpu", "tfjs-node", "tfjs-node-wheel", "wasm", "cpu"]).to.include(report.chosen);
    expect(report.tried.at(-1)).to.deep.equal({ name: report.chosen, ok: true });
    const { tryBackend } = await load<{
      tryBackend(project: Project, env: NodeJS.ProcessEnv, name: string): Promise<Result>;
    }>("native/try-backend.mjs");
    for (const name of [report.chosen.replace("-wheel", ""), "wasm", "cpu"])
      expect(await tryBackend(project, process.env, name), name).to.include({ ok: true });
    expect((await tryBackend(project, process.env, "tfjs-none")).ok).to.equal(false);
  });

  it("without a compiler the addon is not built, and the reason names the package", async function () {
    if (process.platform !== "linux") this.skip();
    const { wheelLibrary } = await load<{ wheelLibrary(project: Project, env: NodeJS.ProcessEnv): Promise<Result> }>(
      "native/wheel-library.mjs",
    );
    const { projectAt } = await load<{ projectAt(root: string): Project }>("project.mjs");
    await withFolder(async (folder) => {
      const result = await wheelLibrary(projectAt(folder), { PATH: folder });
      expect(result).to.deep.equal({ ok: false, reason: "no C++ compiler (apt-get install g++)" });
      expect(existsSync(join(folder, ".venv"))).to.equal(false);
    });
  });
});

describe("asking whether tfjs-node's own download is open", () => {
  const ask = (storage: string): Promise<[number | null, string]> =>
    new Promise((resolve) => {
      const { HTTPS_PROXY, HTTP_PROXY, https_proxy, http_proxy, ...env } = process.env;
      const child = spawn(process.execPath, [join(setupFolder, "native", "reachable.cjs")], {
        cwd: root,
        env: { ...env, TFJS_NODE_CDN_STORAGE: storage },
      });
      let said = "";
      child.stdout.on("data", (chunk) => (said += chunk));
      child.on("close", (code) => resolve([code, said.trim()]));
    });
  const answering = async (listener: RequestListener): Promise<[number | null, string]> => {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      return await ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  };

  it("open, refused and unreachable are told apart", async () => {
    expect(
      (await answering((request, response) => response.writeHead(request.method === "HEAD" ? 200 : 500).end()))[0],
    ).to.equal(0);
    expect(await answering((_, response) => response.writeHead(403).end())).to.deep.equal([
      1,
      "its download is refused (HTTP 403)",
    ]);
    expect(await ask("http://127.0.0.1:9/")).to.deep.equal([1, "its download cannot be reached (ECONNREFUSED)"]);
  });

  it("one that never answers costs seconds, not minutes", async () => {
    const started = Date.now();
    expect(await answering(() => undefined)).to.deep.equal([1, "its download does not answer"]);
    expect(Date.now() - started).to.be.below(9000);
  });
});
