export { compile, type Compiled, type CompileOptions } from "./compile";
export { CompileError } from "./recording";
export type { GraphInfo } from "./graph-cache";
export type { SaveGraphOptions } from "./save-graph";
