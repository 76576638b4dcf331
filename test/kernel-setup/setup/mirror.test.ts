import { expect } from "chai";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { places } from "../../../lib/data/registry";
import { load, withFolder } from "./load";

interface Project {
  root: string;
  stamps: string;
  setup: string;
}
type About<T> = (project: Project, env: NodeJS.ProcessEnv) => T;
interface Mirror {
  mirrorOf: About<string | undefined>;
  rememberMirror: About<void>;
  mirrorNote: About<string | undefined>;
}
interface Step {
  check(context: { project: Project; env: NodeJS.ProcessEnv }): { ready?: string; todo?: string };
}

describe("the mirror of a set-up", () => {
  const inProject = async (work: (at: { project: Project; mirror: string } & Mirror) => void): Promise<void> => {
    const module = await load<Mirror>("mirror.mjs");
    const { projectAt } = await load<{ projectAt(root: string): Project }>("project.mjs");
    await withFolder((folder) => {
      const mirror = join(folder, "mirror");
      mkdirSync(mirror);
      work({ project: projectAt(join(folder, "project")), mirror, ...module });
    });
  };
  /** What the library finds, also in a kernel that JupyterHub starts. */
  const found = ({ root }: Project, env: NodeJS.ProcessEnv): string | undefined => places(env, root).mirror;

  it("is remembered for starts without the variable", () =>
    inProject(({ project, mirror, mirrorOf, rememberMirror, mirrorNote }) => {
      expect([mirrorOf(project, {}), found(project, {}), mirrorNote(project, {})]).to.deep.equal(
        Array(3).fill(undefined),
      );
      rememberMirror(project, { VITRINE_MIRROR: mirror });
      expect([mirrorOf(project, {}), found(project, {})]).to.deep.equal([mirror, mirror]);
      expect(mirrorNote(project, {})).to.equal(
        `data and weights come from ${mirror}, as at the last set-up (an empty VITRINE_MIRROR forgets it)`,
      );
      rememberMirror(project, {});
      expect(found(project, {}), "a start without it").to.equal(mirror);
    }));

  it("gives way to another one, and to none", () =>
    inProject(({ project, mirror, mirrorOf, rememberMirror, mirrorNote }) => {
      rememberMirror(project, { VITRINE_MIRROR: mirror });
      for (const [said, is] of [
        ["/elsewhere", resolve("/elsewhere")],
        ["", undefined],
      ] as const) {
        const env = { VITRINE_MIRROR: said };
        expect([mirrorOf(project, env), found(project, env), mirrorNote(project, env)]).to.deep.equal([
          is,
          is,
          undefined,
        ]);
      }
      rememberMirror(project, { VITRINE_MIRROR: join(mirror, "nowhere") });
      expect(found(project, {}), "one that is not there").to.equal(mirror);
      rememberMirror(project, { VITRINE_MIRROR: "" });
      expect([mirrorOf(project, {}), found(project, {})]).to.deep.equal([undefined, undefined]);
    }));

  it("that is not there any more is told, and not looked into", () =>
    inProject(({ project, mirror, rememberMirror, mirrorNote }) => {
      rememberMirror(project, { VITRINE_MIRROR: mirror });
      rmSync(mirror, { recursive: true });
      expect(found(project, {})).to.equal(undefined);
      expect(mirrorNote(project, {})).to.match(/mirror, which data and weights came from .* is not there now/);
      writeFileSync(join(project.stamps, "mirror.json"), "damaged");
      expect([found(project, {}), mirrorNote(project, {})]).to.deep.equal([undefined, undefined]);
    }));

  it("makes a start without it find the data step done, and another one not", async () => {
    const { data } = await load<{ data: Step & { run(context: unknown): Promise<string> } }>("data.mjs");
    const { project: here } = await load<{ project: Project }>("project.mjs");
    await withFolder(async (folder) => {
      const mirror = join(folder, "mirror"),
        project = { ...here, stamps: join(folder, "stamps") };
      mkdirSync(mirror);
      const rest = { ...process.env, VITRINE_OFFLINE: "1", XDG_CACHE_HOME: join(folder, "cache") };
      const env = (said?: string): NodeJS.ProcessEnv => {
        const { VITRINE_MIRROR, ...without } = rest as NodeJS.ProcessEnv;
        return said === undefined ? without : { ...without, VITRINE_MIRROR: said };
      };
      const line = await data.run({ project, env: env(mirror) });
      expect(data.check({ project, env: env() })).to.deep.equal({ ready: line });
      expect(data.check({ project, env: env("") })).to.have.property("todo");
      expect(data.check({ project, env: env(folder) })).to.have.property("todo");
    });
  }).timeout(60_000);
});
