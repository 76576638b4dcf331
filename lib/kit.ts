/**
 * The library's side door for the kernel's and the course's own programs: small helpers that load no TensorFlow.
 * Notebooks and users of the library take `vitrine` itself.
 */
export { badInput, BadInputError, FileError, InterruptedError, VitrineError } from "./core/errors";

export { replaceWhole, writeAtomically, writeTogether } from "./core/files";
export { projectRoot, runScript } from "./core/process";
export { random, type Random } from "./core/random";
export { escapeHtml, nearNames } from "./core/text";
export { checkpoint } from "./runtime/checkpoint";
export { hostKey, notebookHost } from "./runtime/host";
export { startProgress } from "./runtime/progress-tracker";
export { helpText, parseCommand, UsageError, wantsHelp, type Command } from "./cli/args";
export type { Subcommand } from "./cli/dispatch";
export { computeOn } from "./cli/own-backend";
