import type { Setting } from "./contestant";
import type { Sides } from "./sides";
import type { Workload } from "./workloads";

/** As the libraries' tutorials do it. */
export const usual: Setting = { style: "usual", layout: "contiguous" };

/** The faster of both layouts, then the best number at once, each by the best of some runs. */
export async function bestSetting(
  workload: Workload,
  make: Sides,
  folder: string,
  say: (line: string) => void,
): Promise<Setting> {
  const { batches = [], tuning = {} } = workload;
  const theirs = make.theirs();
  const timed = async (setting: Setting): Promise<number> => {
    await theirs.start({ workload, setting, folder });
    const first = (await theirs.run(tuning)).ms,
      times: number[] = [];
    // Of a short run the best of several, of a long one the second.
    for (
      let spent = 0;
      times.length === 0 || (times.length < 5 && spent < Math.max(300, first));
      spent += times.at(-1)!
    )
      times.push((await theirs.run(tuning)).ms);
    say(
      `    ${setting.layout}${setting.batch === undefined ? "" : `, ${setting.batch} at once`}: ` +
        `${Math.min(...times).toFixed(1)} ms`,
    );
    return Math.min(...times);
  };
  const best = async (settings: readonly Setting[]): Promise<Setting> => {
    const times: number[] = [];
    for (const setting of settings) times.push(settings.length > 1 ? await timed(setting) : 0);
    return settings[times.indexOf(Math.min(...times))];
  };
  try {
    const middle = batches[Math.floor(batches.length / 2)];
    const layouts = (["contiguous", "channels_last"] as const).map((layout): Setting => ({
      style: "tuned",
      layout,
      ...(middle !== undefined && { batch: middle }),
    }));
    const fastest = await best(layouts);
    return batches.length > 0 ? await best(batches.map((batch) => ({ ...fastest, batch }))) : fastest;
  } finally {
    await theirs.close();
  }
}
