import { expect } from "chai";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "fs";
import * as path from "path";
import { plain } from "../../helpers/jupyter-client";
import { Machine, python, type Outcome, type Step } from "./installed-package";

/** By what is promised, what the kernel is asked for in the project, in this order. */
const asked = {
  info: ["info", null],
  box: ["cell", 'import { area, fail } from "./src/area";\narea({ width: 2, height: 3 })'],
  units: ["cell", 'import { metres } from "tiny-units"; metres(2)'],
  unitsType: ["cell", "const text = metres(2);\nconst n: number = text;"],
  strict: ["cell", "const list = [1];\nconst first: number = list[0];"],
  alias: ["cell", 'import { area as again } from "@shapes/area"; again({ width: 1, height: 1 })'],
  fails: ["cell", "const before = 1;\nfail();"],
  field: ["complete", "area({ wid"],
  member: ["complete", "metres(1).padS"],
  docs: ["inspect", "metres"],
  display: ["cell", 'import { display } from "tslab"; display.html("<b>b</b>");'],
  displayType: ["cell", "display.htm(1)"],
  node: ["cell", 'import { sep } from "path"; const s: string = sep; s'],
  widget: ["cell", 'widget.slider({ label: "n", min: 1, max: 9, value: 3 })'],
  debug: ["debug", { command: "debugInfo" }],
  child: ["cell", 'import { execSync } from "child_process"; execSync("echo child", { stdio: "inherit" }); 0'],
  interrupted: ["interrupted", "while (true);"],
  kept: ["cell", "before"],
  tensors: ["cell", 'import * as tf from "@tensorflow/tfjs"'],
  inner: ["cell", 'import { version } from "typescript"'],
  mapped: [
    "cell",
    'import { readFileSync } from "fs"; readFileSync(`/proc/${process.pid}/maps`, "utf8").match(/tensorflow|tfjs/gi)',
  ],
} satisfies Record<string, Step>;

/** Command lines that are refused, and the whole of what is said. */
const refused: [string, number, RegExp][] = [
  ["instal", 2, /^vitrine-kernel: there is no command instal; allowed: install, uninstall, doctor\n$/],
  ["install --usr", 2, /^vitrine-kernel: install: Unknown option '--usr'; allowed: --user, --sys-prefix, .*\n$/],
  ["install extra", 2, /^vitrine-kernel: install: Unexpected argument 'extra'.*; allowed: .*\n$/],
  ["install --user --prefix x", 2, /^vitrine-kernel: install takes one of --user, --sys-prefix and --prefix DIR\n$/],
  ["install --name a/b", 2, /^vitrine-kernel: --name "a\/b" is no name of a kernel; allowed: letters, .*\n$/],
  ["install --env PATH", 2, /^vitrine-kernel: install: --env takes NAME=VALUE, got "PATH"\n$/],
  ["install --prefix /dev/null/x", 1, /^vitrine-kernel: install: \/dev\/null\/x\S* cannot be written to .*--user.*\n$/],
  ["uninstall --name none", 1, /^vitrine-kernel: uninstall: there is no kernel none in \S+\. With --sys-prefix .*\n$/],
];

describe("kernel: as a package of its own, installed in an empty home", function () {
  this.timeout(120_000);
  let machine: Machine;
  let came: Record<keyof typeof asked, Outcome>;
  const spec = (name = "vitrine-kernel"): string =>
    path.join(machine.home, ".local/share/jupyter/kernels", name, "kernel.json");

  before(async function () {
    if (process.platform === "win32" || !existsSync(python)) {
      this.test!.parent!.title += " [skipped: no .venv]";
      return this.skip();
    }
    machine = await Machine.withPackage();
    await machine.makeProject();
    const { status, stderr } = machine.command("install", "--user");
    expect([status, stderr]).to.deep.equal([0, ""]);
    const all = machine.ask("vitrine-kernel", Object.values(asked) as Step[]);
    came = Object.fromEntries(Object.keys(asked).map((name, i) => [name, all[i]])) as typeof came;
  });
  after(() => machine?.end());

  const shown = ({ shown: [first = {}], error }: Outcome): string => (error as string) ?? first["text/plain"];

  it("has nothing of the project that it came from, and no TensorFlow.js", () => {
    for (const file of ["dist/main.js", "dist/main.d.ts", "README.md", "LICENSE", "NOTICE"])
      expect(existsSync(path.join(machine.installed, file)), file).to.equal(true);
    const here = JSON.stringify(readFileSync(spec(), "utf8"));
    expect(here).to.include(path.join(machine.installed, "dist/main.js"));
    expect(here).to.not.include(path.resolve(__dirname, "../../.."));
    expect(existsSync(path.join(machine.installed, "node_modules/@tensorflow"))).to.equal(false);
    expect(shown(came.mapped)).to.equal("null");
    const texts = came.info.help_links.map(({ text }: { text: string }) => text);
    expect(texts).to.deep.equal(["TypeScript", "Node.js"]);
  });

  it("says what it is, in which version", () => {
    const { version } = JSON.parse(readFileSync(path.join(machine.installed, "package.json"), "utf8"));
    expect(machine.command("--version").stdout).to.equal(`${version}\n`);
    expect(came.info).to.include({ implementation_version: version, debugger: true });
    expect(machine.command("--help").stdout).to.match(
      /vitrine-kernel install \[--user \| --sys-prefix \| --prefix DIR\]/,
    );
  });

  it("cells import the project's files and packages, by its own settings", () => {
    expect(shown(came.box)).to.equal("6");
    expect(shown(came.units)).to.equal("'2 m'");
    expect(shown(came.alias)).to.equal("1");
    expect(shown(came.strict)).to.match(/line 2: Type 'number \| undefined' is not assignable to type 'number'/);
  });

  it("errors name the line of a cell or of the project's file, and show no frame of the kernel", () => {
    expect(shown(came.unitsType)).to.equal(
      "TypeScriptError: line 2: Type 'string' is not assignable to type 'number'. (TS2322)",
    );
    const trace = plain(came.fails.traceback);
    expect(trace).to.match(/^Error: as asked\n {4}at fail \(\S+\/src\/area\.ts:5:9\)\n {4}at In \[\d+\]:2:1\n/);
    expect(trace).to.match(/src\/area\.ts, line 5:\n.*\n> 5 \| {3}throw new Error\("as asked"\);/);
    expect(trace).to.not.match(/vitrine-kernel|node:internal/);
  });

  it("completes and explains by the project's types", () => {
    expect(came.field.matches).to.include("width");
    expect(came.member.matches).to.include("padStart");
    expect(came.docs.data["text/markdown"]).to.match(/metres: \(n: number\) => string[^]*With its unit\./);
  });

  it('`import { display } from "tslab"` works, with types, and so do the types of Node', () => {
    expect(came.display.shown).to.deep.equal([{ "text/html": "<b>b</b>" }]);
    expect(shown(came.displayType)).to.match(/Property 'htm' does not exist on type 'Display'/);
    expect(shown(came.node)).to.equal("'/'");
  });

  it("the debugger answers, an interrupt ends a loop and keeps the variables, child processes print", () => {
    expect(came.debug).to.include({ success: true, command: "debugInfo" });
    expect(came.interrupted.error).to.match(/^KeyboardInterrupt/);
    expect(shown(came.kept)).to.equal("1");
    expect(came.child.printed).to.equal("child\n");
  });

  it("a widget is anywidget's, and says in a line what to install where it is not seen", () => {
    const [bundle] = came.widget.shown;
    expect(bundle).to.have.property("application/vnd.jupyter.widget-view+json");
    expect(bundle["text/plain"]).to.match(/\nTo use it here: pip install anywidget .*$/);
  });

  it("what the kernel is made of is not there for cells", () => {
    for (const each of [came.tensors, came.inner])
      expect(shown(each)).to.match(/^TypeScriptError: .*Cannot find module/);
  });

  it("a name, a title and variables of one's own; a Python environment's folder", () => {
    const venv = path.join(machine.folder, "venv");
    const env = { VIRTUAL_ENV: venv };
    const args = ["install", "--sys-prefix", "--name", "ts", "--display-name", "My TS", "--env", "A=b=c"];
    expect(machine.run("vitrine-kernel", args, { env }).status).to.equal(0);
    const file = path.join(venv, "share/jupyter/kernels/ts/kernel.json");
    expect(JSON.parse(readFileSync(file, "utf8"))).to.deep.include({ display_name: "My TS", env: { A: "b=c" } });
    expect(machine.run("vitrine-kernel", ["uninstall", "--sys-prefix", "--name", "ts"], { env }).status).to.equal(0);
    expect(existsSync(path.dirname(file))).to.equal(false);
  });

  for (const [line, status, words] of refused) {
    it(`refuses in one line: ${line}`, () => {
      const ran = machine.command(...line.split(" "));
      expect(ran.stderr).to.match(words);
      expect([ran.status, ran.stdout]).to.deep.equal([status, ""]);
    });
  }

  it("neither takes nor removes another program's kernel", () => {
    mkdirSync(path.dirname(spec("python3")), { recursive: true });
    const text = JSON.stringify({ argv: ["python", "-m", "ipykernel_launcher"], display_name: "Python 3" });
    writeFileSync(spec("python3"), text);
    for (const command of ["install", "uninstall"]) {
      const { status, stderr } = machine.command(command, "--name", "python3");
      expect(stderr).to.match(/^vitrine-kernel: \w+: \S+python3 .*another program's kernel.*ipykernel_launcher.*\n$/);
      expect(status).to.equal(1);
    }
    expect(readFileSync(spec("python3"), "utf8")).to.equal(text);
  });

  it("uninstall leaves nothing, and Jupyter knows it no more", () => {
    const known = (): string[] => {
      const list =
        "import json; from jupyter_client.kernelspec import KernelSpecManager as Specs; " +
        "print(json.dumps([*Specs().find_kernel_specs()]))";
      return JSON.parse(machine.run(python, ["-c", list]).stdout) as string[];
    };
    expect(known()).to.include("vitrine-kernel");
    expect(machine.command("uninstall").status).to.equal(0);
    expect(known()).to.not.include("vitrine-kernel");
    expect(existsSync(path.dirname(spec()))).to.equal(false);
  });
});
