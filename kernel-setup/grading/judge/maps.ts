import { diagnose, mapsOfValues, type Maps, type Mistake } from "vitrine-course/dist/checks/maps";
import { StudentTensor, type Answer } from "./answers";
import { AnswerWrong } from "./student-fault";

/** The values of a returned tensor, one list per image. Ends the part in words unless it is a tensor of that shape. */
export function mapsOf(answer: Answer, shape: readonly number[], channels: "images" | "one" = "images"): Maps {
  if (answer === undefined || answer === null)
    throw new AnswerWrong("Your function returned nothing. Is the `return` missing?");
  if (!(answer instanceof StudentTensor))
    throw new AnswerWrong(
      `Your function returned ${Array.isArray(answer) ? "a list" : `something of type ${typeof answer}`}, but a ` +
        `tensor is asked for.`,
    );
  const maps = mapsOfValues(answer.shape, answer.data, shape, channels);
  if (!answer.data.every(Number.isFinite)) {
    throw new AnswerWrong(
      "Your result has values that are not numbers (NaN or infinite). Look for a division by 0 or a logarithm of 0.",
    );
  }
  return maps;
}

/**
 * Ends the part in words unless the maps are right. @param slips worked out only where they are wrong @param start
 * begins the words
 */
export function expectMaps(got: Maps, right: Maps, slips: () => readonly Mistake[] = () => [], start = ""): void {
  const words = diagnose(got, right, slips);
  if (words) throw new AnswerWrong(start + words);
}
