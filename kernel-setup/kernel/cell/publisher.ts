import type { FromEngine } from "../shared/protocol";
import type { Contexts } from "./contexts";
import type { OutputLimit } from "./output-limit";
import type { RunningCell } from "./running-cell";
import type { OutputStreams } from "./streams";

/** What goes with a published message. */
export interface PublishExtras {
  metadata?: Record<string, unknown>;
  buffers?: Uint8Array[];
}

/** Publishes what cells show, in order with what they print, for the cell whose code is running. */
export class Publisher {
  constructor(
    private readonly contexts: Contexts,
    private readonly streams: OutputStreams,
    private readonly limit: OutputLimit,
    private readonly post: (message: FromEngine) => void,
  ) {}

  send(type: string, content: object, extras?: PublishExtras): void {
    this.sendFor(this.contexts.current, type, content, extras);
  }

  sendFor(cell: RunningCell, type: string, content: object, extras?: PublishExtras): void {
    this.streams.flush();
    if (!cell.silent && !cell.stopped)
      this.post({ kind: "publish", origin: cell.origin, type, content: JSON.stringify(content), ...extras });
  }

  /** A display: counts towards the cell's limit, unless it replaces an earlier one. */
  display(content: object, update: boolean): void {
    if (update) return this.send("update_display_data", content);
    const cell = this.contexts.current;
    const { allowed, notice } = this.limit.show(cell, JSON.stringify(content).length);
    if (notice) this.send("stream", { name: "stderr", text: notice });
    if (allowed) this.send("display_data", content);
  }

  clearOutput(wait: boolean): void {
    this.send("clear_output", { wait });
    this.limit.cleared(this.contexts.current);
  }
}
