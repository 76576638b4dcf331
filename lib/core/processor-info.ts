import { readFileSync } from "node:fs";

/** What Linux tells of the processor, its instructions among it; undefined on other systems. */
export function processorInfo(): string | undefined {
  try {
    return readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    return undefined;
  }
}
