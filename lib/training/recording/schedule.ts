import { badInput } from "../../core/errors";

/**
 * After which minibatches a frame is recorded: every so many, with the start (0) and the end; a list of them, 0 meaning
 * before the
 * first; or a function that is asked for each from 0 to `total`.
 */
export type RecordingSchedule =
  { readonly every: number } | readonly number[] | ((step: number, total: number) => boolean);

/**
 * @returns the minibatches, ascending @throws BadInputError for one that records nothing, or asks for what is not
 * reached
 */
export function scheduledSteps(schedule: RecordingSchedule, total: number): number[] {
  const all = Array.from({ length: total + 1 }, (_, step) => step);
  if (typeof schedule === "function") {
    const steps = all.filter((step) => schedule(step, total));
    if (steps.length === 0)
      badInput({
        what: "schedule",
        got: schedule,
        allowed: `a function that is true for at least one of the minibatches 0 to ${total}`,
      });
    return steps;
  }
  if (Array.isArray(schedule)) {
    const allowed = `integers from 0 to ${total}, the minibatches of this run`;
    if (schedule.length === 0) badInput({ what: "schedule", got: schedule, allowed: `at least one of the ${allowed}` });
    const wrong = (schedule as readonly number[]).find((step) => !Number.isInteger(step) || step < 0 || step > total);
    if (wrong !== undefined) badInput({ what: "schedule", got: wrong, allowed });
    return [...new Set(schedule as readonly number[])].sort((a, b) => a - b);
  }
  const { every } = (schedule ?? {}) as { every?: number };
  if (!Number.isInteger(every) || every! < 1)
    badInput({
      what: "schedule",
      got: schedule,
      allowed: "{ every: n } with an integer n ≥ 1, a list of minibatches, or a function",
    });
  return all.filter((step) => step % every! === 0 || step === total);
}
