/**
 * The library's side door for the kernel's and the course's own programs: small helpers that load no TensorFlow.
 * Notebooks and users of the library take `vitrine` itself.
 */
export { badInput, BadInputError, InterruptedError, VitrineError } from "./core/errors";
export { FileError } from "./core/file-error";
export { nearNames } from "./core/near-names";
export { projectRoot } from "./core/project-root";
export { random, type Random } from "./core/random";
export { writeAtomically, writeError } from "./core/write-atomically";
export { writeTogether } from "./core/write-together";
export { checkpoint } from "./runtime/checkpoint";
export { displayKey, hostKey, notebookHost } from "./runtime/host";
export { startProgress, type ProgressOptions, type ProgressTracker } from "./runtime/progress-tracker";
export { helpText, parseCommand, UsageError, wantsHelp, type Command } from "./cli/args";
export type { Subcommand } from "./cli/dispatch";
export { computeOn } from "./cli/own-backend";
