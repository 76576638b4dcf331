// What somebody returns who has not solved a task: the built-in mutants of every task.
import { createHash } from "node:crypto";
import type { Asked } from "./run-task";
import { decodeAnswer, StudentTensor, type Answer } from "./answers";
import { kindKey, type Argument } from "./arguments";

/** The task's solution, asked in the way that its hidden test asks. */
interface Solution {
  /** What is right for this question. */
  readonly right: Answer;
  /** What was right for the question of the same place, when the inputs were others. */
  readonly before: Answer;
  /** What was right for the very first question then. */
  readonly first: Answer;
  /** What the function was called with. */
  readonly given: readonly Argument[];
}

export interface Cheat {
  readonly name: string;
  /** What the sandbox sends for it, as in `sandbox/inside/values.ts`. */
  sends(solution: Solution): unknown;
}

const tensor = (shape: readonly number[], data: Float32Array): object => ({
  t: "tensor",
  shape,
  dtype: "float32",
  data: Buffer.from(data.buffer).toString("base64"),
});
const record = (parts: readonly (readonly [string, unknown])[]): object => ({ t: "object", v: parts });
const number = (value: number): unknown => (Number.isFinite(value) ? value : { t: "number", v: String(value) });

/** An answer of the same form with other numbers in it. */
function like(right: Answer, change: (value: number) => unknown): unknown {
  if (typeof right === "number") return change(right);
  if (right instanceof StudentTensor)
    return tensor(
      right.shape,
      right.data.map((value) => Number(change(value))),
    );
  if (Array.isArray(right)) return (right as readonly Answer[]).map((each) => like(each, change));
  if (right === undefined) return { t: "undefined" };
  if (typeof right !== "object" || right === null) return right;
  return record(Object.entries(right).map(([name, each]) => [name, like(each, change)]));
}

const shapeOf = (right: Answer): readonly number[] => {
  if (right instanceof StudentTensor) return right.shape;
  return Array.isArray(right) ? [right.length] : [];
};

/** A number as the answer it stands in sends it. */
const sent = (within: Answer, value: number): unknown => (within instanceof StudentTensor ? value : number(value));
/** The right values for the first half, and zeros; nothing where that would be right. */
function half({ right }: Solution): unknown {
  const values: number[] = [];
  like(right, (value) => values.push(value));
  const from = values.length / 2,
    wrong = values.length > 1 && values.some((value, i) => i >= from && value !== 0);
  let at = 0;
  return wrong ? like(right, (value) => sent(right, at++ < from ? value : 0)) : { t: "undefined" };
}

/** What was given, as far as it has the form of an answer; numbers beside it are 0. Nothing where nothing has it. */
function unchanged({ right, given }: Solution): unknown {
  const there = flattened(given);
  let found = false;
  const own = (wanted: Answer): unknown => {
    if (typeof wanted === "object" && wanted !== null && !(wanted instanceof StudentTensor) && !Array.isArray(wanted))
      return record(Object.entries(wanted).map(([name, each]) => [name, own(each)]));
    const same = there.find((each) => formOf(each) !== undefined && formOf(each) === formOf(sentForm(wanted)));
    found ||= same !== undefined;
    return same ?? 0;
  };
  const answer = own(right);
  return found ? answer : { t: "undefined" };
}

/** All values that a function is given, in lists and objects, too; tensors as the sandbox would send them. */
const flattened = (value: unknown): unknown[] => {
  if (typeof value !== "object" || value === null) return [value];
  const { [kindKey]: kind, shape, dtype, data } = value as Record<string, unknown>;
  if (kind === "tensor") return [{ t: "tensor", shape, dtype, data }];
  return [...(Array.isArray(value) ? [value] : []), ...Object.values(value).flatMap(flattened)];
};
const sentForm = (wanted: Answer): unknown =>
  wanted instanceof StudentTensor ? { t: "tensor", shape: wanted.shape } : wanted;
/** Nothing for what zeros and ones stand for. */
function formOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return `list of ${value.length}`;
  const { t: kind, shape } = (typeof value === "object" && value !== null ? value : {}) as {
    t?: string;
    shape?: object;
  };
  return kind === "tensor" ? `tensor ${String(shape)}` : undefined;
}

const all =
  (value: number) =>
  ({ right }: Solution): unknown =>
    like(right, () => sent(right, value));
const replayed = (answer: Answer): unknown => like(answer, (value) => sent(answer, value));

/** Each must lose a task's points, and none may be taken for a fault of the hidden test. */
export const cheats: readonly Cheat[] = [
  { name: "nothing", sends: () => ({ t: "undefined" }) },
  { name: "an empty list", sends: () => [] },
  { name: "an empty tensor", sends: () => tensor([0], new Float32Array(0)) },
  {
    name: "no values with the shape of a number",
    sends: () =>
      record([
        ["shape", []],
        ["data", []],
      ]),
  },
  {
    name: "no values with the right shape",
    sends: ({ right }) =>
      record([
        ["shape", shapeOf(right)],
        ["data", []],
      ]),
  },
  {
    name: "a length and no values",
    sends: ({ right }) =>
      record([
        ["shape", shapeOf(right)],
        ["data", record([["length", 2e8]])],
        ["length", 1],
      ]),
  },
  { name: "NaN", sends: all(NaN) },
  { name: "infinite values", sends: all(Infinity) },
  { name: "zeros", sends: all(0) },
  { name: "ones", sends: all(1) },
  { name: "what it was given, unchanged", sends: unchanged },
  {
    name: "texts of the right numbers",
    sends: ({ right }) => (right instanceof StudentTensor ? Array.from(right.data, String) : like(right, String)),
  },
  { name: "right in the first half, zeros in the rest", sends: half },
  { name: "true", sends: () => true },
  { name: "a text", sends: () => "passed" },
  {
    name: "names that objects have by nature",
    sends: () =>
      record([
        ["toString", 1],
        ["valueOf", 1],
        ["constructor", 1],
        ["__proto__", record([["passed", true]])],
      ]),
  },
  { name: "a huge tensor", sends: () => tensor([1500, 2000], new Float32Array(3e6)) },
  { name: "a huge list", sends: () => Array<number>(1e6).fill(0) },
  { name: "a huge list of pairs", sends: () => Array.from({ length: 100_000 }, () => [0, 0]) },
  { name: "always the same answer, right for other inputs", sends: ({ first }) => replayed(first) },
  { name: "answers learnt by heart, right for other inputs", sends: ({ before }) => replayed(before) },
];

/** Asks a solution, keeps what it answers, and lets a cheat answer in its place. */
export class CheatingKernel implements Asked {
  private readonly known = new Map<string, Answer>();
  /** What was right the last time that the solution itself was asked, in order. */
  private learnt: Answer[] = [];
  private cheat?: Cheat;
  private place = 0;

  constructor(private readonly solution: Asked) {}

  readonly ready: Asked["ready"] = (memoryMiB) => this.solution.ready(memoryMiB);
  readonly complaint: Asked["complaint"] = (cell) => this.solution.complaint(cell);

  /** @param cheat answers from now on; none: the solution does, and what it says is learnt by heart */
  begin(cheat?: Cheat): void {
    this.cheat = cheat;
    this.place = 0;
    if (!cheat) this.learnt = [];
  }

  readonly call: Asked["call"] = async (task, name, args, allowance) => {
    const key = createHash("sha256")
      .update(JSON.stringify([task, name, args]))
      .digest("base64");
    const right = this.known.has(key) ? this.known.get(key) : await this.solution.call(task, name, args, allowance);
    this.known.set(key, right);
    if (!this.cheat) {
      this.learnt.push(right);
      return right;
    }
    const before = this.learnt[Math.min(this.place++, this.learnt.length - 1)];
    return decodeAnswer(this.cheat.sends({ right, before, first: this.learnt[0], given: args }));
  };
}
