/**
 * Runs groups of tests side by side, those with the largest budget first, so that no core waits at the end.
 * @param {import("./groups.mjs").Group[]} groups
 * @param {number} workers how many run at once
 * @param {(group: import("./groups.mjs").Group) => Promise<T>} run must not throw
 * @returns {Promise<T[]>} in the order in which they ended
 * @template T
 */
export async function runInPool(groups, workers, run) {
  const waiting = [...groups].sort((a, b) => (b.budget ?? 0) - (a.budget ?? 0));
  const undone = new Set(groups.map(({ name }) => name));
  const results = [];
  const running = new Set();
  while (waiting.length || running.size) {
    // What reads others' work begins when they are done.
    const next = waiting.findIndex(({ after = [] }) => !after.some((name) => undone.has(name)));
    if (next >= 0 && running.size < workers) {
      const [group] = waiting.splice(next, 1);
      const job = run(group).then((result) => {
        results.push(result);
        undone.delete(group.name);
        running.delete(job);
      });
      running.add(job);
    } else if (running.size) {
      await Promise.race(running);
    } else {
      throw new Error(`groups of tests wait for each other: ${waiting.map(({ name }) => name).join(", ")}`);
    }
  }
  return results;
}
