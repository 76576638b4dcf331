import type { Json } from "../shared/protocol";
import type { Outbox } from "./sockets";
import type { Extras, Header, Wire } from "./wire";

/** The channel everybody listens to. */
export class IoPub {
  constructor(
    private readonly wire: Wire,
    private readonly outbox: Outbox,
  ) {}

  publish(type: string, parent: Partial<Header>, content: Json, extras?: Extras): void {
    this.outbox.send(this.wire.serialise([`kernel.${type}`], type, parent, content, extras));
  }

  status(state: "starting" | "busy" | "idle", parent: Partial<Header>): void {
    this.publish("status", parent, JSON.stringify({ execution_state: state }));
  }
}
