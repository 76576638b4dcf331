// What may be displayed: texts and bytes under the names of their kinds.

export type MimeBundle = Record<string, unknown>;

const IS_JSON = /[/+]json$/;

/**
 * The bundle as it is sent: bytes as base64, lines as one text.
 * @param who whose fault it is, for the words of the error
 * @throws TypeError naming what is wrong
 */
export function checkedBundle(bundle: unknown, who: string): MimeBundle {
  if (!isPlain(bundle))
    throw new TypeError(`${who}: a bundle is an object such as { "text/html": "<b>…</b>" }, got ${described(bundle)}`);
  return Object.fromEntries(Object.entries(bundle).map(([type, value]) => [type, checkedValue(type, value, who)]));
}

/** @throws TypeError if it is no object */
export function checkedMetadata(metadata: unknown, who: string): Record<string, unknown> {
  if (isPlain(metadata)) return metadata;
  throw new TypeError(`${who}: metadata is an object such as { isolated: true }, got ${described(metadata)}`);
}

function checkedValue(type: string, value: unknown, who: string): unknown {
  if (!/^[^/\s]+\/[^/\s]+$/.test(type))
    throw new TypeError(`${who}: ${JSON.stringify(type)} is no MIME type; allowed: such as "text/html", "image/png"`);
  if (IS_JSON.test(type)) return checkedJson(type, value, who);
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
  const text =
    Array.isArray(value) && value.every((line): line is string => typeof line === "string") ? value.join("") : value;
  if (typeof text !== "string")
    throw new TypeError(`${who}: "${type}" must be a text or a Uint8Array, got ${described(value)}`);
  if (type.startsWith("image/") && type !== "image/svg+xml" && text.startsWith("data:"))
    throw new TypeError(
      `${who}: "${type}" must be base64 or a Uint8Array, got a data: URL; leave out what stands before the comma`,
    );
  return text;
}

function checkedJson(type: string, value: unknown, who: string): unknown {
  let reason = `got ${described(value)}`;
  try {
    if (JSON.stringify(value) !== undefined) return value;
  } catch (error) {
    reason = (error as Error).message;
  }
  throw new TypeError(`${who}: "${type}" must be what JSON can hold: ${reason}`);
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

function described(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return `an object (${value.constructor?.name ?? "without prototype"})`;
  return typeof value === "undefined" ? "undefined" : `${typeof value} ${String(value).slice(0, 40)}`;
}
