/** Skips that are right on a machine without the thing named: `… [needs GPU]`, `… [needs service slurm]`. */
const excused = /\[needs (GPU|service [^\]]+)\]/;

/**
 * @typedef {{ passed: number, failed: { title: string, file: string, message: string }[],
 *   skipped: { title: string, file: string, reason: string | null }[],
 *   files?: { file: string, seconds: number, slowest: { title: string, seconds: number } | null }[], loading?: number
 *   }} Outcome
 *   `files`: the seconds of each test file; `loading`: those until the first test began
 */

/** All outcomes as one. @param {Outcome[]} outcomes @returns {Outcome} */
export function addUp(outcomes) {
  return {
    passed: outcomes.reduce((sum, { passed }) => sum + passed, 0),
    failed: outcomes.flatMap(({ failed }) => failed),
    skipped: outcomes.flatMap(({ skipped }) => skipped),
  };
}

/** Skips that count as failures where everything is supposed to run. */
export function unexcused({ skipped }) {
  return skipped.filter(({ title }) => !excused.test(title));
}

/** The text after all tests; its last line is the count. @param {Outcome} outcome */
export function summaryLines(outcome, { failOnSkip = false } = {}) {
  const lines = [];
  for (const { title, file, message } of outcome.failed)
    lines.push(
      `FAILED ${file}: ${title}`,
      ...message
        .split("\n")
        .slice(0, 12)
        .map((line) => `    ${line}`),
    );
  for (const { title, reason } of outcome.skipped) lines.push(`skipped ${title}${reason ? `: ${reason}` : ""}`);
  const wrong = failOnSkip ? unexcused(outcome) : [];
  for (const { title } of wrong) lines.push(`NOT ALLOWED TO BE SKIPPED here (VITRINE_FAIL_ON_SKIP=1): ${title}`);
  return [...lines, countLine(outcome)];
}

export function countLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`;
}

/** 0 if all is well. */
export function exitCode(outcome, { failOnSkip = false } = {}) {
  return outcome.failed.length > 0 || (failOnSkip && unexcused(outcome).length > 0) ? 1 : 0;
}
