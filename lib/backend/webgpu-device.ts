/** What Dawn's binary exports. */
export interface Dawn {
  create(options: string[]): Gpu;
  globals: Record<string, unknown>;
}

interface Gpu {
  requestAdapter(options?: { powerPreference: "high-performance" }): Promise<{ info: AdapterInfo } | null>;
}

interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  /** The driver's name for the device; empty where it gives none. */
  readonly description: string;
  /** The driver's own name, version and build. */
  readonly device: string;
}

/** The device that TF.js's backend would be given, or undefined where no driver answers. */
export async function adapterInfo(): Promise<AdapterInfo | undefined> {
  const { gpu } = (globalThis as unknown as { navigator: { gpu: Gpu } }).navigator;
  return (await gpu.requestAdapter({ powerPreference: "high-performance" }))?.info;
}

/** For people: `nvidia-h200`, `swiftshader-device-subzero-`. */
export async function webgpuDevice(): Promise<string> {
  const info = await adapterInfo();
  return (
    info?.device ||
    info?.description ||
    [info?.vendor, info?.architecture].filter(Boolean).join(" ") ||
    "unnamed device"
  );
}
