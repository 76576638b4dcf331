// The kernel's package in a place where nothing else is: packed, installed by npm in an empty home, known to Jupyter.
import { spawnSync } from "child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { projectRoot } from "../../helpers/jupyter-client";
import { Registry } from "../../helpers/npm-registry";

export const python = path.join(projectRoot, ".venv/bin/python");

/** What `installed.py` is asked for, and what came of it. */
export type Step = ["cell" | "interrupted" | "complete" | "inspect" | "debug" | "info", unknown];
export type Outcome = Record<string, any>;

export interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** A home, a project of somebody's and npm packages in a folder that `end` removes. */
export class Machine {
  readonly home: string;
  readonly project: string;
  /** The folder of the installed package. */
  readonly installed: string;
  /** The file that `npm pack` wrote. */
  packed = "";

  private constructor(
    readonly folder: string,
    readonly registry: Registry,
  ) {
    this.home = path.join(folder, "home");
    this.project = path.join(folder, "project");
    this.installed = path.join(this.home, "npm/lib/node_modules/vitrine-kernel");
  }

  /** Packs the package and installs it with `npm install -g`; the registry has its dependencies, and nothing else. */
  static async withPackage(): Promise<Machine> {
    const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "vitrine-package-")));
    const machine = new Machine(folder, await Registry.start(path.join(folder, "registry")));
    mkdirSync(machine.home);
    for (const name of ["@types/node", "typescript", "zeromq"])
      machine.registry.publishInstalled(name, path.join(projectRoot, "node_modules"));
    const packed = machine.run(process.execPath, [
      path.join(projectRoot, "kernel-setup/pack-kernel.mjs"),
      "--into",
      folder,
    ]);
    if (packed.status !== 0) throw new Error(`pack-kernel.mjs ended with ${packed.status}: ${packed.stderr}`);
    machine.packed = packed.stdout.trim();
    await machine.npm(["install", "-g", "--prefix", path.join(machine.home, "npm"), machine.packed], folder);
    return machine;
  }

  /** As a user of this machine: nothing of the real home, nor of a Jupyter around it, is seen. */
  get env(): NodeJS.ProcessEnv {
    return {
      HOME: this.home,
      PATH: [path.join(this.home, "npm/bin"), path.dirname(process.execPath), "/usr/bin", "/bin"].join(path.delimiter),
      VIRTUAL_ENV: path.join(projectRoot, ".venv"),
      ...this.registry.env,
    };
  }

  run(program: string, args: string[], { cwd = this.folder, input = "", env = {} as NodeJS.ProcessEnv } = {}): Ran {
    const options = { cwd, input, encoding: "utf8", env: { ...this.env, ...env }, timeout: 120_000 } as const;
    const { status, stdout, stderr } = spawnSync(program, args, options);
    return { status, stdout, stderr };
  }

  /** The registry answers in this process, so npm must not be waited for without letting it. */
  async npm(args: string[], cwd: string): Promise<void> {
    const { execFile } = await import("child_process");
    await new Promise<void>((resolve, reject) =>
      execFile("npm", [...args, "--no-audit", "--no-fund"], { cwd, env: this.env }, (error, _out, said) =>
        error ? reject(new Error(`npm ${args.join(" ")}: ${said}`)) : resolve(),
      ),
    );
  }

  /** The command of the package, as the shell finds it. */
  command(...args: string[]): Ran {
    return this.run("vitrine-kernel", args);
  }

  /** A TypeScript project that knows nothing of ours: its own settings, a file, and a dependency from npm. */
  async makeProject(): Promise<void> {
    this.registry.publish(
      "tiny-units",
      { type: "module", exports: { ".": { types: "./main.d.ts", default: "./main.js" } } },
      {
        "main.js": "export const metres = (n) => `${n} m`;",
        "main.d.ts": "/** With its unit. */\nexport declare const metres: (n: number) => string;",
      },
    );
    const compilerOptions = {
      target: "ES2022",
      module: "NodeNext",
      strict: true,
      noUncheckedIndexedAccess: true,
      baseUrl: ".",
      paths: { "@shapes/*": ["./src/*"] },
    };
    const files = {
      "package.json": JSON.stringify({ name: "foreign", type: "module", private: true }),
      "tsconfig.json": JSON.stringify({ compilerOptions, include: ["src"] }),
      "src/area.ts": [
        "export interface Box { width: number; height: number }",
        "/** Width times height. */",
        "export const area = ({ width, height }: Box): number => width * height;",
        "export function fail(): never {",
        '  throw new Error("as asked");',
        "}",
        "",
      ].join("\n"),
    };
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(this.project, name)), { recursive: true });
      writeFileSync(path.join(this.project, name), text);
    }
    await this.npm(["install", "tiny-units"], this.project);
  }

  /** Asks the kernel of that name as Jupyter finds it; without a folder in the project. */
  ask(kernel: string, steps: readonly Step[], env: NodeJS.ProcessEnv = {}, folder = this.project): Outcome[] {
    const script = path.join(__dirname, "installed.py");
    const { status, stdout, stderr } = this.run(python, [script, kernel, folder], {
      input: JSON.stringify(steps),
      env,
    });
    if (status !== 0) throw new Error(`installed.py ended with ${status}: ${stderr}`);
    return JSON.parse(stdout) as Outcome[];
  }

  end(): void {
    this.registry.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
