export type FaultKind = "missing" | "error" | "timeout" | "dead" | "flood" | "answer";

/** The student's code did not give a value: its message is words for the student. */
export class StudentFault extends Error {
  override name = "StudentFault";
  /** @param kind what happened, for the record */
  constructor(readonly kind: FaultKind, words: string) {
    super(words);
  }
}

/** The answer is wrong: its message is words for the student. */
export class AnswerWrong extends Error {
  override name = "AnswerWrong";
}
