import { expect } from "chai";
import { hostKey, type DisplayOptions, type MimeBundle, type NotebookHost } from "../../../lib/runtime/host";
import { progress } from "../../../lib/runtime/progress-bar";
import { terminalView } from "../../../lib/runtime/progress";

interface Shown {
  bundle: MimeBundle;
  options?: DisplayOptions;
}

/** A kernel that remembers what it was asked to show, while `work` runs. */
async function inNotebook(work: (stop: () => void) => unknown): Promise<Shown[]> {
  const shown: Shown[] = [];
  const holder = globalThis as { [hostKey]?: NotebookHost };
  const before = holder[hostKey],
    cell = new AbortController();
  holder[hostKey] = {
    display: (bundle, _metadata, options) => void shown.push({ bundle, options }),
    clearOutput: () => undefined,
    signal: cell.signal,
  };
  try {
    await work(() => cell.abort());
  } finally {
    if (before) holder[hostKey] = before;
    else delete holder[hostKey];
  }
  return shown;
}

const texts = (shown: Shown[]): unknown[] => shown.map(({ bundle }) => bundle["text/plain"]);
const rejection = async (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => expect.fail("it did not throw"),
    (error: Error) => error,
  );

async function* slowly<T>(items: T[]): AsyncGenerator<T> {
  for (const item of items) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    yield item;
  }
}

describe("progress(iterable)", () => {
  it("gives every item, and one output that ends with the count, the rate and the time", async () => {
    const seen: number[] = [];
    const shown = await inNotebook(() => {
      for (const x of progress([5, 6, 7], { label: "a < b" })) seen.push(x);
    });
    expect(seen).to.deep.equal([5, 6, 7]);
    expect(new Set(shown.map(({ options }) => options?.displayId)).size).to.equal(1);
    expect(shown.map(({ options }) => options?.update)).to.deep.equal(shown.map((_, i) => i > 0));
    expect(texts(shown).at(-1)).to.match(/^a < b: 3 of 3, [\d,.]+\/s, took 0 s$/);
    expect(shown.at(-1)?.bundle["text/html"]).to.match(/^<progress max="3" value="3" .*a &#60; b: 3 of 3/);
  });

  it("knows a set's size, takes a total for what has none, and counts where there is no total", async () => {
    const last = async (items: Iterable<number>, total?: number): Promise<unknown> =>
      texts(
        await inNotebook(() => {
          for (const _ of progress(items, { total })) {
            /* each */
          }
        }),
      ).at(-1);
    expect(await last(new Set([1, 2]))).to.match(/^2 of 2, /);
    expect(await last([1, 2].values(), 4)).to.match(/^2 of 4, .*stopped after 0 s$/);
    expect(await last([1, 2].values())).to.match(/^2, .*took 0 s$/);
  });

  it("goes through what comes bit by bit", async () => {
    const seen: string[] = [];
    const shown = await inNotebook(async () => {
      for await (const x of progress(slowly(["a", "b"]), { total: 2 })) seen.push(x);
    });
    expect(seen).to.deep.equal(["a", "b"]);
    expect(texts(shown).at(-1)).to.match(/^2 of 2, .*took 0 s$/);
  });

  it("leaving the loop, or an error in it, ends the bar and the source", async () => {
    let closed = 0;
    const source = function* (): Generator<number> {
      try {
        yield 1;
        yield 2;
        yield 3;
      } finally {
        closed++;
      }
    };
    const broken = await inNotebook(() => {
      for (const x of progress(source(), { total: 3 })) if (x === 2) break;
    });
    expect(texts(broken).at(-1)).to.match(/^1 of 3, .*stopped after 0 s$/);
    const asyncSource = async function* (): AsyncGenerator<number> {
      try {
        yield 1;
        yield 2;
      } finally {
        closed++;
      }
    };
    const thrown = await inNotebook(async () => {
      const error = await rejection(
        (async () => {
          for await (const _ of progress(asyncSource(), { total: 2 })) throw new Error("mine");
        })(),
      );
      expect(error.message).to.equal("mine");
    });
    expect(texts(thrown).at(-1)).to.match(/^0 of 2, stopped after 0 s$/);
    expect(closed).to.equal(2);
  });

  it("an interrupt ends the loop at the next item", async () => {
    let done = 0;
    const shown = await inNotebook(async (stop) => {
      const error = await rejection(
        (async () => {
          for (const x of progress([1, 2, 3, 4])) {
            await null;
            done++;
            if (x === 2) stop();
          }
        })(),
      );
      expect(error.name).to.equal("InterruptedError");
    });
    expect(done).to.equal(2);
    expect(texts(shown).at(-1)).to.match(/^2 of 4, .*stopped after 0 s$/);
  });

  it("an interrupt ends a wait for an item that never comes", async () => {
    const shown = await inNotebook(async (stop) => {
      setTimeout(stop, 20);
      const never: AsyncIterable<number> = {
        [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
      };
      const error = await rejection(
        (async () => {
          for await (const _ of progress(never, { label: "waiting" })) {
            /* none */
          }
        })(),
      );
      expect(error.message).to.equal('Interrupted: the loop "waiting" was stopped before it was done.');
    });
    expect(texts(shown)).to.deep.equal(["waiting: 0", "waiting: 0, took 0 s"]);
  });

  it("says what it can go through", () => {
    expect(() => progress(5 as never)).to.throw(
      "items is 5; allowed: what `for … of` or `for await` can go through: an array, a set, a generator. For a " +
        "count n: [...Array(n).keys()].",
    );
    expect(() => progress([], { total: -1 })).to.throw("total is -1; allowed: a number ≥ 0, or Infinity.");
  });

  it("stays on a terminal's line, with the bar", () => {
    const written: string[] = [];
    const view = terminalView(
      {
        write: (text: string) => {
          written.push(text);
          return true;
        },
        columns: 60,
      } as unknown as NodeJS.WriteStream,
      true,
    );
    view.draw({ label: "", done: 1, total: 2 }, 4000);
    view.finish({ label: "", done: 2, total: 2 }, 8000);
    expect(written).to.deep.equal([
      "\r\x1b[K[##########..........] 1 of 2, 4.0 s each, about 4 s left",
      "\r\x1b[K[####################] 2 of 2, 4.0 s each, took 8 s",
      "\n",
    ]);
  });
});
