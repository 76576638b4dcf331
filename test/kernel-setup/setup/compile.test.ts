import { expect } from "chai";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { load, withFolder } from "./load";

interface Project {
  root: string;
  nodeModules: string;
  kernelMain: string;
}
interface Context {
  project: Project;
  env: NodeJS.ProcessEnv;
}
interface Step {
  check(context: Context): { ready?: string; todo?: string };
  run(context: Context): Promise<string>;
}

describe("compiling library and kernel", () => {
  /** A project whose compiler is a script, in a folder of its own. */
  const inProject = (compiler: string, work: (context: Context, step: Step) => Promise<void>): Promise<void> =>
    withFolder(async (root) => {
      const { projectAt } = await load<{ projectAt(root: string): Project }>("project.mjs");
      const { compile } = await load<{ compile: Step }>("compile.mjs");
      const project = projectAt(root);
      for (const file of [
        "lib/a.ts",
        "lib/dist/index.js",
        "kernel-setup/course/dist/index.js",
        "kernel-setup/dist/kernel/main.js",
      ]) {
        mkdirSync(join(root, file, ".."), { recursive: true });
        writeFileSync(join(root, file), "");
      }
      mkdirSync(join(project.nodeModules, "typescript", "bin"), { recursive: true });
      writeFileSync(join(project.nodeModules, "typescript", "bin", "tsc"), compiler);
      await work({ project, env: process.env }, compile);
    });

  it("once compiled there is nothing to do, until a source changes", () =>
    inProject("", async (context, compile) => {
      expect(compile.check(context)).to.have.property("todo");
      await compile.run(context);
      expect(compile.check(context)).to.have.property("ready");
      writeFileSync(join(context.project.root, "lib", "a.ts"), "export const a = 1;");
      expect(compile.check(context)).to.have.property("todo");
    }));

  it("a file that is saved while the compiler runs is compiled the next time", () =>
    inProject(`require("fs").writeFileSync("lib/a.ts", "export const late = 1;");`, async (context, compile) => {
      await compile.run(context);
      expect(compile.check(context)).to.have.property("todo");
    }));

  it("a source that does not compile stops set-up with what the compiler said", () =>
    inProject(
      `console.log("lib/a.ts(1,1): error TS1005: ';' expected."); process.exit(2);`,
      async (context, compile) => {
        const error = await compile.run(context).then(
          () => undefined,
          (reason: Error) => reason,
        );
        expect(error?.message)
          .to.match(/does not compile/)
          .and.include("error TS1005");
        expect(compile.check(context)).to.have.property("todo");
      },
    ));
});
