import type { BackendName } from "../backend";

/**
 * Makes this process compute on a backend of its own unless VITRINE_BACKEND asks for one. Processes that it starts,
 * such as a sheet's kernel, choose for themselves: an environment variable left behind would slow them down.
 */
export async function computeOn(name: BackendName): Promise<void> {
  if (process.env.VITRINE_BACKEND !== undefined) return;
  process.env.VITRINE_BACKEND = name;
  try {
    const { ready } = require("../backend") as typeof import("../backend");
    await ready();
  } finally {
    delete process.env.VITRINE_BACKEND;
  }
}
