/** What TensorFlow.js's own words mean, in ours. */
export const NO_GRADIENT =
  "Your function stopped with an error: TensorFlow.js found no way from the argument to the result. " +
  "The function given to tf.grad must compute its result from its own argument.";

export type FaultKind = "missing" | "error" | "timeout" | "dead" | "flood" | "answer";

/** The student's code did not give a value: its message is words for the student. */
export class StudentFault extends Error {
  override name = "StudentFault";
  /** @param kind what happened, for the record */
  constructor(
    readonly kind: FaultKind,
    words: string,
  ) {
    super(words);
  }
}

/** The answer is wrong: its message is words for the student. */
export class AnswerWrong extends Error {
  override name = "AnswerWrong";
}
