const MEGABYTE = 1e6;

/** What follows an output that was cut. */
export function limitNotice(characters: number): string {
  return (
    `\n[This cell's output is cut here, at ${characters / MEGABYTE} MB; the cell goes on. The environment ` +
    `variable VITRINE_OUTPUT_LIMIT_MB sets the limit.]\n`
  );
}
