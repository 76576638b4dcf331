import { VitrineError } from "vitrine/dist/kit";

/** What a check throws when an answer is not right yet: its message is words for the student, and nothing else. */
export class CheckFailed extends VitrineError {
  override name = "CheckFailed";
  constructor(words: string, cause?: unknown) {
    super(`✗ ${words}`);
    // Where in Vitrine the check noticed helps nobody; where in the student's own code an error arose does.
    const theirs = cause instanceof Error ? (cause.stack ?? "").split("\n").slice(1).join("\n") : "";
    this.stack = `${this.name}: ${this.message}${theirs && `\n${theirs}`}`;
  }
}

export function failed(words: string, cause?: unknown): never {
  throw new CheckFailed(words, cause);
}

export function passed(words: string): void {
  console.log(`✓ ${words}`);
}

/** Something to know that costs no points. */
export function note(words: string): void {
  console.log(`· ${words}`);
}
