/**
 * The library's side door for the kernel's and the course's own programs: small helpers that load no TensorFlow.
 * Notebooks and users of the library take `vitrine` itself.
 */
export { badInput, BadInputError, InterruptedError, VitrineError, FileError } from "./core/errors";
export { escapeHtml, nearNames } from "./core/text";
export { projectRoot, runScript } from "./core/process";
export { random, type Random } from "./core/random";
export { replaceWhole, writeAtomically, writeError, writeTogether } from "./core/files";
export { checkpoint, hostKey, notebookHost, type CellPlace, type OutdatedName } from "./runtime/host";
export { startProgress } from "./runtime/progress";
export { helpText, parseCommand, UsageError, wantsHelp, type Command } from "./cli/args";
export type { Subcommand } from "./cli/dispatch";
export { computeOn } from "./cli/own-backend";
