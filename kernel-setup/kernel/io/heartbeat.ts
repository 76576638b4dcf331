import type { Reply } from "zeromq";

/** Echoes whatever comes. It lives on the I/O thread, so a busy cell does not look like a dead kernel. */
export async function beat(socket: Reply): Promise<void> {
  for await (const frames of socket) await socket.send(frames);
}
