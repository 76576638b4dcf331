import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";
import type { Answer } from "../../../kernel-setup/grading/judge/answers";
import { defineTask, type TaskDefinition } from "../../../kernel-setup/grading/judge/define-task";
import { runTask, type Asked } from "../../../kernel-setup/grading/judge/run-task";
import { AnswerWrong, StudentFault } from "../../../kernel-setup/grading/judge/student-fault";

const later = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

describe("grading: slips of a hidden test are the test's, not the student's", () => {
  /** Answers 1 after a moment; `broken` throws. */
  const kernel = (asked = 0): Asked => ({
    ready: () => Promise.resolve(undefined as never),
    call: async (_task, name) => {
      // As the sandbox: whatever is asked meanwhile would never be answered.
      if (asked++ > 0) throw new Error("asked while it was at something else");
      await later(5);
      asked--;
      if (name === "broken") throw new StudentFault("error", "Your function stopped with an error: no");
      return 1 as unknown as Answer;
    },
    complaint: () => undefined,
  });
  const outcome = async (test: TaskDefinition["parts"][number]["test"], silence = 0.3): Promise<string> => {
    const definition = defineTask({
      task: "task-1",
      points: "check-1",
      functions: ["mine", "broken"],
      teaches: [],
      parts: [{ name: "part", points: 1, test }],
    });
    const [{ status, reason }] = await runTask(definition, kernel(), [1], { silence });
    return reason === undefined ? status : `${status}: ${reason}`;
  };

  it("whatever a test throws, it is told as the test's", async () => {
    const own = "error: the hidden test itself failed:";
    const unprintable = Object.create(null) as object;
    for (const [thrown, words] of [
      [null, "null"],
      [undefined, "undefined"],
      [new Error(), "an error without words"],
      [unprintable, "something that cannot be printed"],
      [new Proxy({}, { get: () => expect.fail() }), "something that cannot be printed"],
    ] as const)
      expect(
        await outcome(() => {
          // eslint-disable-next-line @typescript-eslint/only-throw-error -- what a hidden test may do
          throw thrown;
        }),
      ).to.equal(`${own} ${words}`);
  });

  it("what a test says wrongly to `fail` and `expectClose` is the test's, whatever the answer is", async () => {
    const told = async (test: TaskDefinition["parts"][number]["test"]): Promise<string> => outcome(test);
    for (const words of [undefined, "", " ", 5, {}])
      expect(await told(({ fail }) => fail(words as string))).to.match(/^error: .*`fail` is called without words/);
    for (const says of [undefined, "", 5])
      expect(await told(({ expectClose }) => expectClose(1, 1, { says: says as string }))).to.match(
        /^error: .*`says` has no words/,
      );
    for (const tolerance of [NaN, -1, Infinity, "1"])
      expect(
        await told(({ expectClose }) => expectClose(9, 1, { says: "it", tolerance: tolerance as number })),
      ).to.match(/^error: .*`tolerance` is /);
    for (const expected of [null, { shape: [2] }, { shape: [0.5, 2], data: [1] }, { shape: [-1, -1], data: [1] }])
      expect(await told(({ expectClose }) => expectClose([1], expected as never, { says: "it" }))).to.match(
        /^error: .*expectClose: .*expected/,
      );
    expect(
      await told(() => {
        throw new AnswerWrong("");
      }),
    ).to.equal("failed: The answer is wrong.");
  });

  it("an argument that would arrive as another is the test's slip", async () => {
    const called = (...args: unknown[]): Promise<string> =>
      outcome(async ({ student }) => void (await student.call("mine", args as [])));
    for (const [odd, words] of [
      [NaN, "NaN"],
      [[1, [-Infinity]], "-Infinity"],
      [[undefined], "undefined"],
      [{ rows: new Float32Array(2) }, "a Float32Array"],
      [new Map(), "a Map"],
      [() => 1, "a function"],
      [3n, "3"],
    ] as const)
      expect(await called(1, odd)).to.match(
        new RegExp(`^error: the hidden test itself failed: student\\.call\\("mine"\\): there is ${words} in`),
      );
    expect(await called(1, "a", null, [true, { a: -0, b: undefined }], Object.create(null))).to.equal("passed");
  });

  it("a call that is not awaited is told, whether it fails or not, and whatever comes of the test", async () => {
    const told = "error: the hidden test does not wait for";
    expect(
      await outcome(({ student }) => {
        void student.call("mine", []);
      }),
    ).to.equal(`${told} mine: an await is missing before the call`);
    expect(
      await outcome(({ student }) => {
        void student.call("broken", []);
      }),
    ).to.equal(`${told} broken: an await is missing before the call`);
    expect(
      await outcome(({ student }) => {
        void student.call("mine", []);
        throw new AnswerWrong("It is a promise.");
      }),
    ).to.equal(`${told} mine: an await is missing before the call`);
  });

  it("calls awaited together are the student's, also where one fails before the others have ended", async () => {
    expect(
      await outcome(async ({ student }) => {
        await Promise.all([student.call("mine", []), student.call("mine", [])]);
      }),
    ).to.equal("passed");
    expect(
      await outcome(async ({ student }) => {
        await Promise.all([student.call("broken", []), later(1).then(() => student.call("mine", []))]);
      }),
    ).to.equal("failed: Your function stopped with an error: no");
    expect(
      await outcome(async ({ student }) => {
        await student.call("broken", []).catch(() => undefined);
      }),
    ).to.equal("passed");
    expect(await outcome(({ student }) => student.call("mine", []).then(() => undefined))).to.equal("passed");
  });

  it("a task whose calls end their process is given up after three, with the reason, and asks no more", async () => {
    let asked = 0;
    const dying: Asked = {
      ...kernel(),
      call: () => Promise.reject(new StudentFault("dead", `Killed the ${++asked}th time.`)),
    };
    const test: TaskDefinition["parts"][number]["test"] = async ({ student }) => {
      await student.call("mine", []);
    };
    const parts = ["a", "b", "c", "d", "e"].map((name) => ({ name, points: 1, test }));
    const outcomes = await runTask(
      defineTask({ task: "task-1", points: "check-1", functions: ["mine"], teaches: [], parts }),
      dying,
      [1],
    );
    expect(outcomes.map(({ status, reason }) => `${status}: ${reason}`)).to.deep.equal(
      [1, 2, 3, 3, 3].map((n) => `failed: Killed the ${n}th time.`),
    );
    expect(asked).to.equal(3);
  });

  it("errors of a test that nobody waits for are the test's, and do not end the grader", () => {
    // In a process of its own: mocha listens to such errors itself.
    const tests = {
      "a helper":
        "async ({ student, expectClose }) => { const check = async () => expectClose(await student.call('mine', " +
        "[]), 2, { says: 'it differs' }); check(); }",
      "two calls":
        "async ({ student, expectClose }) => { const check = async () => { await student.call('mine', []); " +
        "expectClose(await student.call('mine', []), 2, { says: 'it differs' }); }; check(); await " +
        "student.call('mine', []); await student.call('mine', []); }",
      "two calls after its end":
        "({ student, expectClose }) => { (async () => { await student.call('mine', []); await " +
        "student.call('mine', []); expectClose(await student.call('mine', []), 2, { says: 'it differs' }); })(); " +
        "}",
      "a timer":
        "async ({ student }) => { setTimeout(() => { throw new Error('late'); }, 1); await student.call('mine', []); }",
      nothing: "async () => { void Promise.reject(); }",
      "a wrong answer besides":
        "async ({ student, fail }) => { void Promise.reject(new Error('late')); fail('It is wrong.'); }",
      right:
        "async ({ student, expectClose }) => expectClose(await student.call('mine', []), 1, { says: 'it differs' })",
    };
    const script = `const { runTask } = require(process.argv[1]);
      const kernel = { ready: async () => undefined, complaint: () => undefined,
        call: () => new Promise((done) => setTimeout(() => done(1), 5)) };
      const parts = [${Object.entries(tests)
        .map(([name, test]) => `{ name: ${JSON.stringify(name)}, points: 1, test: ${test} }`)
        .join(", ")}];
      runTask({ task: "task-1", points: "check-1", functions: ["mine"], teaches: [], parts }, kernel, [1])
        .then((all) => console.log(JSON.stringify(all.map(({ status, reason }) => [status, reason]))));`;
    const judge = join(__dirname, "..", "..", "..", "kernel-setup", "dist", "grading", "judge", "run-task.js");
    const { stdout, stderr, status } = spawnSync(process.execPath, ["-e", script, judge], { encoding: "utf8" });
    expect([status, stderr]).to.deep.equal([0, ""]);
    const late = (words: string): [string, string] => [
      "error",
      `the hidden test does not wait for what fails in it (${words}): an await is missing`,
    ];
    const differs = late("It differs: your function gives 1, but 2 is right.");
    expect(JSON.parse(stdout)).to.deep.equal([
      differs,
      differs,
      differs,
      late("late"),
      late("undefined"),
      late("late"),
      ["passed", null],
    ]);
  });

  it("a part that never ends is the last of its task to be tried: a job has no time to wait for each", async () => {
    let tried = 0;
    const never = (): Promise<void> => {
      tried++;
      return new Promise(() => undefined);
    };
    const parts = ["a", "b", "c", "d", "e", "f"].map((name, i) => ({
      name,
      points: 1,
      test: i === 0 ? () => undefined : never,
    }));
    const outcomes = await runTask(
      defineTask({ task: "task-1", points: "check-1", functions: ["mine"], teaches: [], parts }),
      kernel(),
      [1],
      { silence: 0.2 },
    );
    expect(outcomes.map(({ status }) => status)).to.deep.equal(["passed", ...Array<string>(5).fill("error")]);
    for (const { reason } of outcomes.slice(1))
      expect(reason).to.match(
        /^the hidden test itself failed: it does not come to its end \(nothing happened for 0\.2 s\)$/,
      );
    expect(tried).to.equal(1);
  });

  it("a test that never ends is told, and one that takes its time is not", async () => {
    expect(await outcome(() => new Promise<void>(() => undefined))).to.match(
      /^error: the hidden test itself failed: it does not come to its end/,
    );
    expect(
      await outcome(async ({ student }) => {
        for (let i = 0; i < 5; i++) {
          await later(150);
          await student.call("mine", []);
        }
      }),
    ).to.equal("passed");
  });
});
