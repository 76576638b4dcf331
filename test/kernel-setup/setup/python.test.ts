import { expect } from "chai";
import { chmodSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { load, root, withFolder } from "./load";

interface FindPython {
  findPython(env: NodeJS.ProcessEnv): Promise<{ command: string; version: string }>;
}

describe("finding a Python", function () {
  before(function () {
    if (process.platform === "win32") this.skip();
  });

  /** A PATH on which only these Pythons are, each saying of itself what it is given. */
  const search = async (pythons: Record<string, string>): Promise<{ command: string; version: string }> => {
    const { findPython } = await load<FindPython>("find-python.mjs");
    return withFolder((folder) => {
      for (const [name, says] of Object.entries(pythons)) {
        writeFileSync(join(folder, name), `#!/bin/sh\n${says}\n`);
        chmodSync(join(folder, name), 0o755);
      }
      return findPython({ PATH: [folder, "/nonexistent"].join(delimiter) });
    });
  };
  const refusal = async (pythons: Record<string, string>): Promise<string> =>
    search(pythons).then(
      () => "(none)",
      (error: Error) => error.message,
    );

  it("a Python without venv is named with the package to install", async () => {
    const message = await refusal({ python3: "echo 3.11 ensurepip" });
    expect(message).to.match(
      /python3 \(Python 3\.11\) has no module ensurepip: install it with "apt-get install python3-venv"/,
    );
    expect(message.split("\n")).to.have.length(1);
  });

  it("no Python, or one that is too old, is named with what to install", async () => {
    expect(await refusal({})).to.match(
      /Python 3\.10 or newer.*no python3 on PATH.*apt-get install python3 python3-venv/,
    );
    expect(await refusal({ python3: "echo 3.9" })).to.match(/python3 is Python 3\.9.*apt-get install/);
  });

  it("goes on to the next one where the first is too old, incomplete or broken", async () => {
    expect(await search({ python3: "echo 3.8", "python3.12": "echo 3.12" })).to.deep.equal({
      command: "python3.12",
      version: "3.12",
    });
    expect(await search({ python3: "echo 3.11 venv ensurepip", "python3.10": "echo 3.10" })).to.deep.equal({
      command: "python3.10",
      version: "3.10",
    });
    expect(await search({ python3: "echo broken >&2; exit 127", python: "echo 3.13" })).to.deep.equal({
      command: "python",
      version: "3.13",
    });
  });

  it("every requirement is held by the constraints, and these name one version for each Python", async () => {
    const { readFileSync } = await import("node:fs");
    const lines = readFileSync(join(root, "kernel-setup", "setup", "constraints.txt"), "utf8")
      .split("\n")
      .filter((line) => line && !line.startsWith("#"));
    const pins = lines.map((line) => /^([a-z0-9-]+)==([\w.]+)(?:; (.+))?$/.exec(line) ?? expect.fail(line));
    for (const python of ["3.10", "3.11", "3.12", "3.13"]) {
      const holds = (marker = ""): boolean =>
        marker
          .split(" and ")
          .filter(Boolean)
          .every((part) => {
            const [, relation, than] = /^python_version (<|>=) "3\.(\d+)"$/.exec(part) ?? expect.fail(part);
            return relation === "<" ? Number(python.slice(2)) < Number(than) : Number(python.slice(2)) >= Number(than);
          });
      const names = pins.filter(([, , , marker]) => holds(marker)).map(([, name]) => name);
      expect(
        names.filter((name, i) => names.indexOf(name) !== i),
        python,
      ).to.deep.equal([]);
      expect(names, python).to.include.members(["jupyter-server", "nbclient", "numpy"]);
    }
  });
});
