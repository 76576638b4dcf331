import { expect } from "chai";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileError } from "../../../lib/core/errors";
import { replaceWhole, writeAtomically, writeError, writeTogether } from "../../../lib/core/files";

describe("files written whole", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "vitrine-whole-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const at = (...names: string[]): string => join(folder, ...names);
  const failure = (work: Promise<unknown>): Promise<Error> =>
    work.then(
      () => expect.fail("it succeeded"),
      (error: Error) => error,
    );

  it("takes text, bytes and pieces, and makes missing folders", async () => {
    await writeAtomically(at("a", "b", "text"), "héllo");
    await writeAtomically(at("bytes"), Uint8Array.of(1, 2));
    await writeAtomically(at("bytes"), [Uint8Array.of(3), Uint8Array.of(4, 5)]);
    expect(readFileSync(at("a", "b", "text"), "utf8")).to.equal("héllo");
    expect([...readFileSync(at("bytes"))]).to.deep.equal([3, 4, 5]);
    expect(readdirSync(folder).sort()).to.deep.equal(["a", "bytes"]);
  });

  it("leaves what was there, and nothing else, when the work fails half-way; its own error is passed on", async () => {
    writeFileSync(at("old"), "before");
    const error = await failure(
      replaceWhole(at("old"), async (partial) => {
        writeFileSync(partial, "half");
        expect(readFileSync(at("old"), "utf8")).to.equal("before");
        throw new RangeError("the work's own");
      }),
    );
    expect(error).to.be.instanceOf(RangeError);
    expect(readFileSync(at("old"), "utf8")).to.equal("before");
    expect(readdirSync(folder)).to.deep.equal(["old"]);
  });

  it("renames none of several before all are written, and then in order", async () => {
    // The second cannot be written: its folder is a file.
    writeFileSync(at("no-folder"), "");
    const some = [
      { path: at("1"), content: "one" },
      { path: at("no-folder", "2"), content: "two" },
      { path: at("3"), content: "three" },
    ];
    expect(await failure(writeTogether(some))).to.be.instanceOf(FileError);
    expect(readdirSync(folder)).to.deep.equal(["no-folder"]);
    // The second cannot be renamed: there is a folder in its place. The first is there by then, the third is not.
    mkdirSync(at("2", "full"), { recursive: true });
    expect(
      await failure(writeTogether(["1", "2", "3"].map((name) => ({ path: at(name), content: name })))),
    ).to.be.instanceOf(FileError);
    expect(readdirSync(folder).sort()).to.deep.equal(["1", "2", "no-folder"]);
    await writeTogether([]);
  });

  it("a folder is made whole too, and takes no other's place", async () => {
    const make = (word: string) =>
      replaceWhole(at("made"), async (partial) => {
        mkdirSync(partial);
        writeFileSync(join(partial, "word"), word);
        return word.length;
      });
    expect(await make("first")).to.equal(5);
    expect(await failure(make("second"))).to.be.instanceOf(FileError);
    expect(readFileSync(at("made", "word"), "utf8")).to.equal("first");
    expect(readdirSync(folder)).to.deep.equal(["made"]);
  });

  it("says in one line why a file system refuses", () => {
    const words = (code: string): string => writeError("/some/x", Object.assign(new Error(), { code })).message;
    expect(words("EROFS")).to.equal(
      "/some/x cannot be written: /some is read-only for this user. Choose another folder.",
    );
    expect(words("ENOSPC")).to.match(/^\/some\/x cannot be written: the disk is full \(\/some\)\. Free some space/);
    expect(words("EIO")).to.equal("/some/x cannot be written: EIO.");
  });
});
