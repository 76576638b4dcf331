import { randomUUID } from "crypto";
import type { Router } from "zeromq";
import type { FromEngine, ToEngine } from "../shared/protocol";
import type { Origins } from "./iopub";
import type { Message, Wire } from "./wire";

type Question = Extract<FromEngine, { kind: "ask" }>;

/**
 * The stdin channel: passes a cell's question to the front end that runs the cell, and the answer back. One at a time.
 */
export class Stdin {
  private open: { id: number; request: string } | null = null;

  constructor(
    private readonly wire: Wire,
    private readonly socket: Router,
    private readonly origins: Origins,
    private readonly answer: (message: ToEngine) => void,
  ) {}

  async ask({ id, origin, prompt, password }: Question): Promise<void> {
    const cell = this.origins.request(origin);
    if (cell?.content.allow_stdin !== true) {
      return this.refuse(
        id,
        "the program that runs this cell cannot ask anybody (it sent allow_stdin: false, as nbconvert and " +
          "graders do); give the value in the code instead",
      );
    }
    const request = randomUUID();
    this.open = { id, request };
    try {
      await this.socket.send(
        this.wire.serialise(cell.identities, "input_request", cell.header, JSON.stringify({ prompt, password }), {
          id: request,
        }),
      );
    } catch {
      this.withdraw(id);
      this.refuse(id, "the program that runs this cell does not listen on its stdin channel");
    }
  }

  /** The cell no longer waits. */
  withdraw(id: number): void {
    if (this.open?.id === id) this.open = null;
  }

  accept({ header, parent, content }: Message): void {
    const question = this.open;
    // Some clients leave the parent out; if it is there, an answer to an earlier question is none to this one.
    if (header.msg_type !== "input_reply" || !question || (parent.msg_id && parent.msg_id !== question.request)) return;
    this.open = null;
    if (content.status === "error" || content.status === "aborted")
      return this.refuse(question.id, `no answer was given${content.evalue ? ` (${String(content.evalue)})` : ""}`);
    this.answer({ kind: "input", id: question.id, value: String(content.value ?? "") });
  }

  private refuse(id: number, reason: string): void {
    this.answer({ kind: "no-input", id, reason });
  }
}
