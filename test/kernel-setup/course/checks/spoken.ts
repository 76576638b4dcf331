import { expect } from "chai";
import { CheckFailed } from "../../../../kernel-setup/course/checks";

/** What a check prints, what it says that it tries the code on, and the words it fails with, if it does. */
export async function spoken(
  check: () => Promise<void>,
): Promise<{ lines: string[]; tried?: string; words?: string; error?: CheckFailed }> {
  const lines: string[] = [],
    log = console.log;
  let tried: string | undefined;
  console.log = (...parts: unknown[]) => {
    const line = parts.join(" ");
    if (line.startsWith("· Tried on ")) tried = line;
    else lines.push(line);
  };
  try {
    await check();
    return { lines, tried };
  } catch (error) {
    if (!(error instanceof CheckFailed)) throw error;
    return { lines, tried, words: error.message, error };
  } finally {
    console.log = log;
  }
}

/** Asserts that a check fails with one line that has these words. */
export async function failsWith(check: () => Promise<void>, words: RegExp): Promise<CheckFailed> {
  const { words: said, error } = await spoken(check);
  expect(said, "the check passed").to.be.a("string");
  expect(said).to.match(words);
  expect(said, "one line").to.not.include("\n");
  return error as CheckFailed;
}
