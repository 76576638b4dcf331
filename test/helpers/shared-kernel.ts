import * as path from "path";
import { KernelClient, projectRoot } from "./jupyter-client";

let shared: Promise<KernelClient> | undefined;

/**
 * The kernel of all tests that need none of their own: a start and its first cell take seconds. It runs below the
 * repository's root, as notebooks do. What a test leaves in it must hurt no other one: variables may be declared again,
 * but comms are to be closed and what was set on the host is to be put back. A kernel that has ended is replaced.
 */
export async function sharedKernel(): Promise<KernelClient> {
  const kernel = await shared?.catch(() => undefined);
  if (kernel && kernel.process.exitCode === null && kernel.process.signalCode === null) return kernel;
  shared = KernelClient.start({ cwd: path.join(projectRoot, "test/kernel-setup"), warm: true });
  return shared;
}

after("end the shared kernel", async () => {
  await (await shared?.catch(() => undefined))?.kill();
});
