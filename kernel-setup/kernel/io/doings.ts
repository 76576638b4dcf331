// What the kernel is doing, written down for the one who speaks when it has died.
import { writeSync } from "fs";
import { launched } from "../shared/log";
import { STATE } from "../shared/marks";
import type { Header, Message } from "./wire";

/** Whom to answer. */
export interface Asked {
  /** Base64. */
  identities: string[];
  header: Header;
}

/** The contents of the file behind the descriptor `STATE`: a line of JSON. */
export interface Doing {
  /** The end was wanted, or has been told already. */
  left?: boolean;
  /** What the marks in the pipes begin with. */
  marks: string;
  /** The request that is worked on; else the last one. */
  request?: Asked;
  working?: boolean;
  /** Number of the cell. */
  count?: number;
  /** Cells that wait. */
  queued: Asked[];
}

/** Keeps the file up to date. It has no name any more, and so is gone with the kernel and its launcher. */
export class Doings {
  private readonly now: Doing;

  constructor(marks = "") {
    this.now = { marks, queued: [] };
    this.write();
  }

  begin(request: Message, count: number, queue: readonly Message[]): void {
    Object.assign(this.now, { request: asked(request), working: true, count });
    this.queued(queue);
  }

  queued(queue: readonly Message[]): void {
    this.now.queued = queue.filter(({ header }) => header.msg_type === "execute_request").map(asked);
    this.write();
  }

  end(): void {
    this.now.working = false;
    this.write();
  }

  left(): void {
    this.now.left = true;
    this.write();
  }

  private write(): void {
    if (launched) writeSync(STATE, `${JSON.stringify(this.now)}\n`, 0);
  }
}

const asked = ({ identities, header }: Message): Asked => ({
  identities: identities.map((each) => each.toString("base64")),
  header,
});
