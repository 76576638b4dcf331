import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../core/process";

/** What set-up wrote about its attempts at a native backend, in `.venv/native/backend.json`. */
export interface SetupReport {
  /** `tfjs-node-gpu`, `tfjs-node`, `tfjs-node-wheel` (built on PyPI's TensorFlow), `wasm` or `cpu`. */
  chosen: string;
  tried: { name: string; ok: boolean; reason?: string }[];
  /** Version of the TensorFlow library, where there is one. */
  tensorflow?: string | null;
}

/** Undefined where set-up did not run: what is there is then found by trying it. */
export function setupReport(): SetupReport | undefined {
  try {
    const report = JSON.parse(
      readFileSync(join(projectRoot(), ".venv", "native", "backend.json"), "utf8"),
    ) as SetupReport;
    return Array.isArray(report.tried) ? report : undefined;
  } catch {
    return undefined;
  }
}
