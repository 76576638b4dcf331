// What everybody listens to, and on whose behalf things are said there.
import type { Json, Origin } from "../shared/protocol";
import type { Outbox } from "./sockets";
import type { Extras, Header, Wire, Message } from "./wire";

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

const REMEMBERED = 10_000;

/** The requests on whose behalf the main thread does things, by number. */
export class Origins {
  private readonly requests = new Map<Origin, Message>();
  private last = 0;

  add(request: Message): Origin {
    // Neither code nor buffers are needed any more, and would add up.
    const { allow_stdin, silent } = request.content;
    this.requests.set(++this.last, { ...request, content: { allow_stdin, silent }, buffers: [] });
    this.requests.delete(this.last - REMEMBERED);
    return this.last;
  }

  request(origin: Origin): Message | undefined {
    return this.requests.get(origin);
  }

  /** Parent header for what is sent on its behalf. */
  header(origin: Origin): Partial<Header> {
    return this.requests.get(origin)?.header ?? {};
  }
}
