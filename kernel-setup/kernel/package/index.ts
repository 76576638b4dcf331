// What a library may ask of the notebook that it runs in: `import { notebookHost } from "vitrine-kernel"`.
import type { NotebookHost } from "../cell/host";

export type { MimeBundle } from "../cell/bundle";
export type { Comm, Comms } from "../cell/comms";
export type { DisplayOptions, NotebookHost } from "../cell/host";

/** The notebook, or undefined where the code runs outside of one. */
export function notebookHost(): NotebookHost | undefined {
  return (globalThis as { [key: symbol]: NotebookHost | undefined })[Symbol.for("vitrine.host")];
}
