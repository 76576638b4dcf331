import { expect } from "chai";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { load, withFolder } from "./load";

interface Stamps {
  hashOf(...parts: unknown[]): string;
  hashFiles(files: string[]): string;
  filesBelow(folder: string, wanted?: (name: string) => boolean): string[];
  readStamp(file: string): unknown;
  writeStamp(file: string, value: unknown): void;
}
type Step = {
  name: string;
  after?: string[];
  check(): { ready: string } | { todo: string };
  run(): Promise<string>;
  note?(): string | undefined;
};
interface Steps {
  doSteps(steps: Step[], context: object, options: { again?: boolean; write(text: string): void }): Promise<void>;
}

describe("stamps", () => {
  it("change with any file's content, and with a file that appears or goes", async () => {
    const { hashFiles } = await load<Stamps>("stamp.mjs");
    withFolder((folder) => {
      const [a, b] = ["a", "b"].map((name) => join(folder, name));
      writeFileSync(a, "1");
      const before = hashFiles([a, b]);
      expect(hashFiles([a, b])).to.equal(before);
      writeFileSync(b, "");
      const withB = hashFiles([a, b]);
      writeFileSync(a, "2");
      expect(new Set([before, withB, hashFiles([a, b])]).size).to.equal(3);
    });
  });

  it("leave built and installed folders out of the sources", async () => {
    const { filesBelow } = await load<Stamps>("stamp.mjs");
    withFolder((folder) => {
      for (const path of ["lib", "lib/dist", "lib/node_modules"]) mkdirSync(join(folder, path));
      for (const path of ["lib/a.ts", "lib/a.md", "lib/dist/a.ts", "lib/node_modules/b.ts"])
        writeFileSync(join(folder, path), "");
      expect(filesBelow(folder, (name) => name.endsWith(".ts"))).to.deep.equal([join(folder, "lib", "a.ts")]);
    });
  });

  it("are written whole, and a damaged one counts as none", async () => {
    const { readStamp, writeStamp } = await load<Stamps>("stamp.mjs");
    withFolder((folder) => {
      const file = join(folder, "deep", "stamp.json");
      writeStamp(file, { hash: "x" });
      expect(readStamp(file)).to.deep.equal({ hash: "x" });
      expect(readdirSync(join(folder, "deep"))).to.deep.equal(["stamp.json"]);
      writeFileSync(file, '{"hash": ');
      expect(readStamp(file)).to.equal(undefined);
    });
  });
});

describe("steps", () => {
  const step = (name: string, ready: () => boolean, run: () => Promise<string>, note?: string): Step => ({
    name,
    check: () => (ready() ? { ready: "there" } : { todo: "making it" }),
    run,
    ...(note ? { note: () => note } : {}),
  });

  it("does what is missing and nothing else, a line for each", async () => {
    const { doSteps } = await load<Steps>("steps.mjs");
    await withFolder(async (folder) => {
      let made = false,
        said = "",
        runs = 0;
      const steps = [
        step(
          "old",
          () => true,
          () => expect.fail("it was there"),
        ),
        step(
          "new",
          () => made,
          async () => {
            runs++;
            made = true;
            return "made";
          },
          "be warned",
        ),
      ];
      const write = (text: string): void => void (said += text);
      await doSteps(steps, { project: { root: folder } }, { write });
      expect(said).to.match(
        /^\[1\/2\] old +there\n\[2\/2\] new +making it …\n\[2\/2\] new +made \(\d+\.\d s\)\nNote: be warned\n$/,
      );
      await doSteps(steps, { project: { root: folder } }, { write });
      expect(runs).to.equal(1);
      await doSteps([steps[1]], { project: { root: folder } }, { write, again: true });
      expect(runs).to.equal(2);
    });
  });

  it("two set-ups of one checkout wait for each other; what a dead one left is taken over by one of many", async () => {
    const { doSteps } = await load<Steps>("steps.mjs");
    const { hashOf } = await load<Stamps>("stamp.mjs");
    await withFolder(async (folder) => {
      const lock = join(tmpdir(), `vitrine-setup-${hashOf(folder)}.lock`);
      // A process number that was given to another process meanwhile.
      writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname(), token: "dead", born: "1" }));
      let inside = 0,
        most = 0,
        said = "";
      const work = step(
        "work",
        () => false,
        async () => {
          most = Math.max(most, ++inside);
          await new Promise((resolve) => setTimeout(resolve, 300));
          inside--;
          return "done";
        },
      );
      const write = (text: string): void => void (said += text);
      await Promise.all([1, 2, 3].map(() => doSteps([work], { project: { root: folder } }, { write })));
      expect(most).to.equal(1);
      expect(said.match(/done/g)).to.have.length(3);
      expect(said).to.include(`waiting for another set-up of this checkout (process ${process.pid})`);
      expect(existsSync(lock)).to.equal(false);
    });
  });

  it("stops at the first failure and names the step", async () => {
    const { doSteps } = await load<Steps>("steps.mjs");
    await withFolder(async (folder) => {
      const steps = [
        step(
          "broken",
          () => false,
          () => Promise.reject(new Error("no disk")),
        ),
        step(
          "later",
          () => false,
          () => expect.fail("after a failure"),
        ),
      ];
      const error = await doSteps(steps, { project: { root: folder } }, { write: () => undefined }).then(
        () => undefined,
        (reason: Error) => reason,
      );
      expect(error?.message).to.equal('Set-up stopped at "broken": no disk');
    });
  });

  /** Steps of which nothing is done; `run` is told when a step begins. */
  const todo = (name: string, after: string[] | undefined, run: () => Promise<string>): Step => ({
    ...step(name, () => false, run),
    ...(after && { after }),
  });
  const signal = (): { given: Promise<string>; give(): void } => {
    let give = (): void => undefined;
    const given = new Promise<string>((resolve) => {
      give = () => resolve("done");
    });
    return { given, give };
  };
  const doAll = async (steps: Step[]): Promise<Error | undefined> => {
    const { doSteps } = await load<Steps>("steps.mjs");
    return withFolder((folder) =>
      doSteps(steps, { project: { root: folder } }, { write: () => undefined }).then(
        () => undefined,
        (reason: Error) => reason,
      ),
    );
  };

  it("steps that do not need each other run side by side", async () => {
    const first = signal(),
      second = signal();
    // Each ends only when the other has begun.
    expect(
      await doAll([
        todo("first", [], () => {
          first.give();
          return second.given;
        }),
        todo("second", [], () => {
          second.give();
          return first.given;
        }),
      ]),
    ).to.equal(undefined);
  });

  it("a step waits for those that it names and for no other; one that names none waits for all before it", async () => {
    const said: string[] = [],
      third = signal();
    const ends = (name: string, when: Promise<string>): Promise<string> =>
      when.then((result) => {
        said.push(name);
        return result;
      });
    expect(
      await doAll([
        todo("needed", [], () => ends("needed", new Promise((resolve) => setTimeout(resolve, 20, "done")))),
        // It is still at work when the third begins.
        todo("long", [], () => ends("long", third.given)),
        todo("third", ["needed"], async () => {
          expect(said).to.deep.equal(["needed"]);
          third.give();
          return "done";
        }),
        todo("last", undefined, async () => {
          expect(said).to.deep.equal(["needed", "long"]);
          said.push("last");
          return "done";
        }),
      ]),
    ).to.equal(undefined);
    expect(said).to.deep.equal(["needed", "long", "last"]);
  });

  it("after a failure nothing new begins; it is named when all beside it has ended, failed or not", async () => {
    const failed = signal();
    let ended = false;
    const error = await doAll([
      todo("fails", [], async () => {
        setTimeout(failed.give, 20);
        throw new Error("no disk");
      }),
      todo("beside", [], async () => {
        await failed.given;
        ended = true;
        throw new Error("no network");
      }),
      todo("needs nothing that failed", ["beside"], () => expect.fail("begun after a failure")),
      todo("last", undefined, () => expect.fail("begun after a failure")),
    ]);
    expect(error?.message).to.equal('Set-up stopped at "fails": no disk');
    expect(ended).to.equal(true);
  });

  it("two at once: the second waits, and finds the work done", async () => {
    const { doSteps } = await load<Steps>("steps.mjs");
    await withFolder(async (folder) => {
      let made = false,
        runs = 0,
        inside = 0;
      const one = step(
        "slow",
        () => made,
        async () => {
          runs++;
          expect(++inside).to.equal(1);
          await new Promise((resolve) => setTimeout(resolve, 300));
          inside--;
          made = true;
          return "done";
        },
      );
      await Promise.all([1, 2].map(() => doSteps([one], { project: { root: folder } }, { write: () => undefined })));
      expect(runs).to.equal(1);
    });
  });
});
