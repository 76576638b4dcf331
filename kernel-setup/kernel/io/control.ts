import type { Debugger } from "../debug/debugger";
import { log } from "../shared/log";
import type { Interrupter } from "./interrupter";
import type { IoPub } from "./iopub";
import { kernelInfo } from "./kernel-info";
import type { Outbox } from "./sockets";
import type { Header, Message, Wire } from "./wire";

/** The control channel: answered at once, whatever the shell channel is busy with. */
export class Control {
  /** The last request to the debugger: what happens at breakpoints is said on its behalf. */
  debugging: Partial<Header> = {};

  constructor(
    private readonly wire: Wire,
    private readonly outbox: Outbox,
    private readonly iopub: IoPub,
    private readonly interrupter: Interrupter,
    private readonly debugger_: Debugger,
    private readonly shutdown: (request: Message) => Promise<void>,
  ) {}

  accept(message: Message): void {
    this.iopub.status("busy", message.header);
    switch (message.header.msg_type) {
      case "kernel_info_request":
        this.reply(message, kernelInfo());
        break;
      case "interrupt_request":
        void this.interrupter.interrupt();
        this.reply(message, { status: "ok" });
        break;
      case "debug_request":
        this.debugging = message.header;
        void this.debug(message);
        return;
      case "shutdown_request":
        void this.shutdown(message);
        return;
      default:
        log(`unknown control request ${message.header.msg_type}`);
        this.reply(message, refusal(message.header.msg_type));
    }
    this.iopub.status("idle", message.header);
  }

  private async debug(message: Message): Promise<void> {
    this.reply(message, await this.debugger_.request(message.content));
    this.iopub.status("idle", message.header);
  }

  private reply(message: Message, content: Record<string, unknown>): void {
    const type = message.header.msg_type.replace(/_request$/, "_reply");
    this.outbox.send(this.wire.serialise(message.identities, type, message.header, JSON.stringify(content)));
  }
}

/** Who asks for what the kernel has not is told, and waits for nothing. */
function refusal(type: string): Record<string, unknown> {
  const evalue = type.includes("subshell")
    ? `this kernel has no subshells: it runs one cell at a time, as its supported_features say (${type})`
    : `this kernel does not know the control request ${type}`;
  return { status: "error", ename: "NotSupportedError", evalue, traceback: [] };
}
