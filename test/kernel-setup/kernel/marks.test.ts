import { expect } from "chai";
import { MarkReader, markText, type Mark } from "../../../kernel-setup/kernel/shared/marks";

const key = "0123456789";
const mark = (turn: number, more: Partial<Mark> = {}): Mark => ({
  turn,
  origin: 7,
  message: false,
  name: "stdout",
  length: 0,
  ...more,
});

describe("kernel: marks among what is printed", () => {
  it("are read as they were written, however the pipe divides them, and nothing of the text is taken for one", () => {
    const parts = [
      mark(1),
      "a\0\u001b[1m€\n",
      mark(20, { length: 12_345, name: "stderr" }),
      mark(300, { message: true, origin: 0 }),
      `\0\u001b${key.slice(0, 5)}\0`,
      mark(4000),
    ];
    const bytes = Buffer.from(parts.map((part) => (typeof part === "string" ? part : markText(key, part))).join(""));
    for (let size = 1; size <= bytes.length; size++) {
      const reader = new MarkReader(key);
      const read: (string | Mark)[] = [];
      for (let at = 0; at < bytes.length; at += size)
        for (const part of reader.read(bytes.subarray(at, at + size)))
          if (typeof part === "string" && typeof read.at(-1) === "string") read.push(`${String(read.pop())}${part}`);
          else read.push(part);
      expect(read, `${size} bytes at a time`).to.deep.equal(parts);
    }
  });
});
