// For a thread of its own: has the system load TensorFlow's library while the main thread does something else.
import { constants } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../core/process";
import { ownBinary, packageFolder, setupReport, whyNotTried } from "./native-packages";
import { prepareTensorFlow, quietAddon } from "./quiet";

/** Linux's: what was loaded stays, though Node finds no addon in it and lets it go. */
const RTLD_NODELETE = 0x1000;

/**
 * The library that the import of `vitrine` will load; undefined where that is not sure. It takes a fifth of a second to
 * load, mostly in the system's linker.
 */
function libraryToLoad(environment = process.env): string | undefined {
  const { VITRINE_BACKEND: backend = "", VITRINE_PRECISION: precision = "" } = environment;
  if (process.platform !== "linux" || !["", "tensorflow", "tfjs-node"].includes(backend)) return undefined;
  // Its settings are made before the library loads.
  if (!["", "full"].includes(precision)) return undefined;
  if (backend !== "tfjs-node" && whyNotTried("tfjs-node-gpu") === undefined) return undefined;
  const folder = packageFolder("tfjs-node");
  if (folder === undefined || ownBinary(folder) || whyNotTried("tfjs-node") !== undefined) return undefined;
  if (setupReport()?.chosen !== "tfjs-node-wheel") return undefined;
  return join(projectRoot(), ".venv", "native", "tensorflow", "libtensorflow_cc.so.2");
}

const library = libraryToLoad();
// The library's notes would be printed among what others print, which must not be lost.
if (library !== undefined && quietAddon()?.hushThread?.() === true) {
  prepareTensorFlow();
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_LAZY | RTLD_NODELETE);
  } catch {
    // It is no addon of Node's. If it cannot be loaded at all, the import will say so.
  }
}
