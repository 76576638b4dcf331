import type { Origin } from "../shared/protocol";
import type { Header, Message } from "./wire";

const REMEMBERED = 10_000;

/** The requests on whose behalf the main thread does things, by number. */
export class Origins {
  private readonly requests = new Map<Origin, Message>();
  private last = 0;

  add(request: Message): Origin {
    // Neither code nor buffers are needed any more, and would add up.
    const { allow_stdin } = request.content;
    this.requests.set(++this.last, { ...request, content: { allow_stdin }, buffers: [] });
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
