/** What whoever gave the command has to know, in a line, and the exit status. */
export class Told extends Error {
  constructor(
    message: string,
    readonly status = 1,
  ) {
    super(message);
  }
}
