import { expect } from "chai";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { load, node, root, withFolder } from "./load";

interface Kernelspec {
  userDataFolder(env: NodeJS.ProcessEnv, platform: string): string;
}

describe("the kernelspec", () => {
  it("--prefix DIR installs it where any Jupyter looks; again over itself", () => {
    withFolder((folder) => {
      for (let again = 0; again < 2; again++) {
        const { status, stdout } = node("kernel-setup/setup/kernelspec.mjs", ["--prefix", folder]);
        expect(status).to.equal(0);
        expect(stdout).to.contain("TypeScript (Vitrine)");
      }
      const kernels = join(folder, "share", "jupyter", "kernels");
      expect(readdirSync(kernels)).to.deep.equal(["vitrine"]);
      const spec = JSON.parse(readFileSync(join(kernels, "vitrine", "kernel.json"), "utf8")) as {
        argv: string[];
        language: string;
        display_name: string;
        interrupt_mode: string;
      };
      expect(spec).to.deep.include({
        language: "typescript",
        display_name: "TypeScript (Vitrine)",
        interrupt_mode: "message",
      });
      expect(spec.argv.slice(-2)).to.deep.equal(["--connection-file", "{connection_file}"]);
      for (const program of spec.argv.slice(0, -2).filter((each) => !each.startsWith("--")))
        expect(isAbsolute(program) && existsSync(program), program).to.equal(true);
      expect(spec.argv).to.include(join(root, "kernel-setup", "dist", "kernel", "main.js"));
      expect(existsSync(join(kernels, "vitrine", "logo-svg.svg"))).to.equal(true);
    });
  });

  it("--user follows Jupyter's own rules for the folder", async () => {
    const { userDataFolder } = await load<Kernelspec>("kernelspec.mjs");
    expect(userDataFolder({ JUPYTER_DATA_DIR: "/j" }, "linux")).to.equal("/j");
    expect(userDataFolder({ XDG_DATA_HOME: "/x" }, "linux")).to.equal(join("/x", "jupyter"));
    expect(userDataFolder({}, "darwin")).to.match(/Library.Jupyter$/);
    withFolder((folder) => {
      expect(node("kernel-setup/setup/kernelspec.mjs", ["--user"], { JUPYTER_DATA_DIR: folder }).status).to.equal(0);
      expect(existsSync(join(folder, "kernels", "vitrine", "kernel.json"))).to.equal(true);
    });
  });

  it("refuses anything else in one line", () => {
    for (const args of [[], ["--prefix"], ["--prefix", "--user"], ["--user", "--prefix", "x"], ["--usr"]]) {
      const { status, stderr } = node("kernel-setup/setup/kernelspec.mjs", args);
      expect(stderr, args.join(" ")).to.match(/^vitrine kernel install takes --user or --prefix DIR, got .*\n$/);
      expect(status).to.equal(2);
    }
  });

  it("says where it could not write", () => {
    withFolder((folder) => {
      const { status, stderr } = node("kernel-setup/setup/kernelspec.mjs", ["--prefix", join(root, "package.json")]);
      expect(stderr).to.match(/could not be installed in .*package\.json.*--prefix DIR/);
      expect(status).to.equal(1);
      expect(readdirSync(folder)).to.deep.equal([]);
    });
  });
});
