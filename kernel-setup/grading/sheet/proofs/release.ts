import { leaksOfRelease, leakWords, releaseSheet } from "../release";
import { proof, type Draft, type Proof } from "./proof";

/**
 * Releases the sheet to a folder, and looks for every line that must not be there. @returns also the student's version,
 * if it could be made
 */
export async function proveRelease({ sheet }: Draft, folder: string): Promise<{ proof: Proof; released?: string }> {
  try {
    const released = await releaseSheet(sheet, folder),
      { leaks, secrets } = leaksOfRelease(sheet, released);
    return {
      released,
      proof: proof(
        "release",
        leaks.length > 0 ? [leakWords(leaks)] : [],
        `none of the ${secrets} lines of solutions, model answers, rubrics and hidden tests is in it`,
      ),
    };
  } catch (error) {
    return { proof: proof("release", [(error as Error).message], "") };
  }
}
