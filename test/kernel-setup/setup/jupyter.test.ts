import { expect } from "chai";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { load, root } from "./load";

interface Jupyter {
  labArguments(options: { folder: string; browser: boolean; root?: boolean }): string[];
  labEnvironment(project: object, token: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  hasDisplay(env: NodeJS.ProcessEnv, platform: string): boolean;
}

describe("how JupyterLab is started", () => {
  it("on the loopback address; root only when we are root; a browser only where it can be seen", async () => {
    const { labArguments, hasDisplay } = await load<Jupyter>("jupyter.mjs");
    const plain = labArguments({ folder: "/f", browser: true, root: false });
    expect(plain).to.include.members([
      "--ServerApp.ip=127.0.0.1",
      "--ServerApp.root_dir=/f",
      "--MultiKernelManager.default_kernel_name=vitrine",
    ]);
    expect(plain).not.to.include.members(["--allow-root"]).and.not.include.members(["--no-browser"]);
    expect(labArguments({ folder: "/f", browser: false, root: true })).to.include.members([
      "--allow-root",
      "--no-browser",
    ]);
    expect(hasDisplay({}, "linux")).to.equal(false);
    expect(hasDisplay({ DISPLAY: ":0" }, "linux") && hasDisplay({}, "darwin")).to.equal(true);
  });

  it("the token is in the environment and not on the command line, and the user's own settings stay out", async () => {
    const { labArguments, labEnvironment } = await load<Jupyter>("jupyter.mjs");
    const { project } = await load<{ project: object }>("project.mjs");
    const env = labEnvironment(project, "secret", {
      JUPYTER_CONFIG_DIR: "/mine",
      JUPYTER_CONFIG_PATH: "/theirs",
      PYTHONPATH: "/p",
      HOME: "/h",
    });
    expect(env).to.include({ JUPYTER_TOKEN: "secret", HOME: "/h", JUPYTER_CONFIG_DIR: join(root, ".venv", "jupyter") });
    expect(env).not.to.have.any.keys("JUPYTER_CONFIG_PATH", "PYTHONPATH");
    expect(labArguments({ folder: "/f", browser: true }).join(" ")).not.to.contain("token");
  });
});

describe("npm start", function () {
  this.timeout(180_000);
  let start: ChildProcess;
  let said = "";
  let address: URL;
  let ended: Promise<unknown>;

  before(async () => {
    const began = Date.now();
    start = spawn(process.execPath, ["kernel-setup/start.mjs", "--no-browser"], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [start.stdout, start.stderr]) stream?.on("data", (chunk) => (said += chunk));
    ended = new Promise((resolve) => start.once("close", (code, signal) => resolve(signal ?? code)));
    while (!/Ctrl-C stops it/.test(said) && start.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const line = /^JupyterLab: (\S+)$/m.exec(said) ?? expect.fail(`no address in: ${said}`);
    console.log(`      (address after ${((Date.now() - began) / 1000).toFixed(1)} s)`);
    address = new URL(line[1]);
  });
  after(async () => {
    start.kill("SIGTERM");
    await ended;
  });

  const get = (path: string, token: string | null = address.searchParams.get("token")): Promise<Response> =>
    fetch(new URL(path, address), { headers: token ? { Authorization: `token ${token}` } : {} });

  it("prints an address on this machine only, which answers to the token and to nobody else", async () => {
    expect(address.hostname).to.equal("127.0.0.1");
    expect(address.searchParams.get("token")).to.match(/^[0-9a-f]{48}$/);
    expect((await get("/lab")).status).to.equal(200);
    for (const path of ["/api/contents", "/api/kernels", "/api/terminals"])
      expect((await get(path, null)).status, path).to.equal(403);
    expect((await get("/api/contents", "0".repeat(48))).status).to.equal(403);
  });

  it("offers the Vitrine kernel, as default, and no other", async () => {
    const { default: name, kernelspecs } = (await (await get("/api/kernelspecs")).json()) as {
      default: string;
      kernelspecs: Record<string, { spec: { language: string } }>;
    };
    expect(name).to.equal("vitrine");
    expect(Object.keys(kernelspecs)).to.deep.equal(["vitrine"]);
    expect(kernelspecs.vitrine.spec.language).to.equal("typescript");
  });

  it("has a start page, nothing of nbgrader's, and exports only what works here", async () => {
    const page = await (await get("/lab")).text();
    const config = JSON.parse(/<script id="jupyter-config-data"[^>]*>([^<]*)<\/script>/.exec(page)![1]) as {
      disabledExtensions: string[];
      federated_extensions: { name: string; load: string }[];
    };
    expect(config.disabledExtensions).to.include("@jupyter/nbgrader");
    const { name, load: file } = config.federated_extensions.find((each) => each.name === "vitrine-start")!;
    expect((await get(`/lab/extensions/${name}/${file}`)).status).to.equal(200);
    expect((await get("/formgrader")).status).to.equal(404);

    expect((await get("/vitrine/state", null)).status).to.equal(403);
    const { sheets, pdf } = (await (await get("/vitrine/state")).json()) as {
      sheets: { name: string; title: string; path: string; stage: string }[];
      pdf: boolean;
    };
    const released = readdirSync(join(root, "notebooks/release"));
    expect(sheets.map((each) => each.name)).to.deep.equal(released.sort());
    for (const each of sheets) expect(each.path).to.equal(`${each.name}/${each.name}.ipynb`);

    const formats = Object.keys((await (await get("/api/nbconvert")).json()) as object);
    // JupyterLab's menu leaves the last two out.
    expect(formats).to.have.members(["html", ...(pdf ? ["pdf"] : []), "markdown", "script", "notebook", "custom"]);
    const course = (await (await get("/vitrine/course")).json()) as { markdown: string };
    expect(course.markdown)
      .to.match(/^# The course on one page/)
      .and.not.include("For teachers");
  });

  it("is stopped cleanly by Ctrl-C, kernels too", async () => {
    const headers = { Authorization: `token ${address.searchParams.get("token")}`, "Content-Type": "application/json" };
    const started = await fetch(new URL("/api/kernels", address), {
      method: "POST",
      headers,
      body: '{"name":"vitrine"}',
    });
    expect(started.status).to.equal(201);
    const { id } = (await started.json()) as { id: string };
    const processes = (): string[] =>
      spawnSync("ps", ["-eo", "args"], { encoding: "utf8" })
        .stdout.split("\n")
        .filter((line) => line.includes(`kernel-${id}.json`));
    // Itself, and where there is a shell its launcher.
    expect(processes(), "the kernel runs").to.have.length.within(1, 2);
    // Until it has said that it listens; a kernel that has not begun ends by itself.
    const state = async (): Promise<string> =>
      ((await (await get(`/api/kernels/${id}`)).json()) as { execution_state: string }).execution_state;
    for (let asked = 0; asked < 150 && (await state()) !== "idle"; asked++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    start.kill("SIGINT");
    expect(await ended).to.equal(0);
    expect(said).to.match(/Stopped\.\n$/);
    expect(processes(), "the kernel is gone").to.deep.equal([]);
    // Another server may have taken the port meanwhile, but it does not know our token.
    expect(
      await get("/api/status").then(
        ({ ok }) => ok,
        () => false,
      ),
      "it still answers",
    ).to.equal(false);
  });
});
