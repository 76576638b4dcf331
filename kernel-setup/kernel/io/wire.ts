import { createHmac, randomUUID, timingSafeEqual } from "crypto";
import type { Json } from "../shared/protocol";

export interface Header {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
}

export interface Message {
  /** Routing prefix: whom to answer. */
  identities: Buffer[];
  header: Header;
  parent: Partial<Header>;
  metadata: Record<string, unknown>;
  content: Record<string, unknown>;
  buffers: Buffer[];
}

export type Frames = (Buffer | string)[];

/** What a message may carry besides its content. */
export interface Extras {
  /** Its msg_id. */
  id?: string;
  metadata?: Record<string, unknown>;
  buffers?: readonly Uint8Array[];
}

export const PROTOCOL_VERSION = "5.3";
const DELIMITER = Buffer.from("<IDS|MSG>");
const REMEMBERED_SIGNATURES = 1 << 16;

/** Signs, verifies, reads and writes messages of the Jupyter wire protocol. */
export class Wire {
  private readonly algorithm: string;
  private readonly session = randomUUID();
  private readonly seen = new Set<string>();

  constructor(
    private readonly key: string,
    scheme = "hmac-sha256",
  ) {
    this.algorithm = scheme.replace(/^hmac-/, "");
    if (key) createHmac(this.algorithm, key);
  }

  /**
   * @throws Error saying why the frames are no message of ours: no delimiter, a wrong or repeated signature, no JSON
   */
  parse(frames: readonly Buffer[]): Message {
    const at = frames.findIndex((frame) => frame.equals(DELIMITER));
    if (at < 0) throw new Error("no delimiter <IDS|MSG>");
    const [signature, ...rest] = frames.slice(at + 1);
    if (rest.length < 4) throw new Error(`${rest.length} of 4 parts after the signature`);
    this.verify(signature.toString("latin1"), rest.slice(0, 4));
    const [header, parent, metadata, content] = rest.slice(0, 4).map((part, i) => jsonObject(part, PARTS[i]));
    if (typeof header.msg_type !== "string" || typeof header.msg_id !== "string")
      throw new Error("header without msg_type or msg_id");
    return {
      identities: frames.slice(0, at).map((frame) => Buffer.from(frame)),
      header: header as unknown as Header,
      parent: parent as Partial<Header>,
      metadata,
      content,
      buffers: rest.slice(4),
    };
  }

  /** The frames of a new message. */
  serialise(
    identities: readonly (Buffer | string)[],
    type: string,
    parent: Partial<Header>,
    content: Json,
    { id = randomUUID(), metadata = {}, buffers = [] }: Extras = {},
  ): Frames {
    const header: Header = {
      msg_id: id,
      msg_type: type,
      session: this.session,
      username: parent.username ?? "kernel",
      date: new Date().toISOString(),
      version: PROTOCOL_VERSION,
    };
    const parts = [JSON.stringify(header), JSON.stringify(parent), JSON.stringify(metadata), content];
    return [
      ...identities,
      DELIMITER,
      this.sign(parts),
      ...parts,
      ...buffers.map((each) => Buffer.from(each.buffer, each.byteOffset, each.byteLength)),
    ];
  }

  private sign(parts: readonly (Buffer | string)[]): string {
    if (!this.key) return "";
    const hash = createHmac(this.algorithm, this.key);
    for (const part of parts) hash.update(part);
    return hash.digest("hex");
  }

  private verify(signature: string, parts: readonly Buffer[]): void {
    if (!this.key) return;
    const wanted = Buffer.from(this.sign(parts)),
      given = Buffer.from(signature);
    if (wanted.length !== given.length || !timingSafeEqual(wanted, given)) throw new Error("wrong signature");
    if (this.seen.has(signature)) throw new Error("signature seen before: a replayed message");
    this.seen.add(signature);
    if (this.seen.size > REMEMBERED_SIGNATURES) this.seen.delete(this.seen.values().next().value as string);
  }
}

const PARTS = ["header", "parent header", "metadata", "content"];

function jsonObject(part: Buffer, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(part.toString("utf8"));
  } catch {
    throw new Error(`${name} is not JSON`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`${name} is not a JSON object`);
  return value as Record<string, unknown>;
}
