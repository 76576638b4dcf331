export { openCourse, sheetOf, type Course, type Sheet } from "./course";
export { filesOf, newSheet } from "./new-sheet";
export { leaksOfRelease, leakWords, releaseSheet } from "./release";
export { runSheet, type SheetRun } from "./run-sheet";
export { validateSheet, type ValidateOptions } from "./validate";
export { writeBundle, type Bundle } from "./bundle";
export type { Proof } from "./proofs/proof";
