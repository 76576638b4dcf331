// Files from an address: with progress, their hash checked, and kept in the browser's cache once they are whole.
import { FileError } from "../core/errors";
import { boolean, callback, text, type Schema } from "../core/options";
import { sizeInWords } from "../core/text";
import type { ProgressReport } from "../runtime/progress";

/** How a file is fetched from an address: each time, as the browser's own cache allows, unless its hash is known. */
export interface FetchOptions {
  /** The SHA-256 that the file must have, 64 hexadecimal digits. Default: any. */
  sha256?: string;
  /** Gets every report, in bytes; `total` is Infinity where the server does not tell. Default: nothing. */
  onProgress?: (report: ProgressReport) => void;
  /**
   * Keep a copy in the browser (Cache API). It is taken where `sha256` says which file is meant, and where there is no
   * network. Default: true.
   */
  cache?: boolean;
}

export const fetchOptions = {
  sha256: text({ words: "64 hexadecimal digits", rule: "any", help: "what a file from an address must have" }),
  onProgress: callback<(report: ProgressReport) => void>({ help: "gets reports of a download, in bytes" }),
  cache: boolean({ default: true, help: "keep a copy in the browser, for when there is no network" }),
} satisfies Schema<FetchOptions>;

/** What a browser has and Node has not. */
const browser = globalThis as {
  caches?: { open(name: string): Promise<Store> };
  document?: object;
};
interface Store {
  match(address: string): Promise<Response | undefined>;
  put(address: string, response: Response): Promise<void>;
  delete(address: string): Promise<boolean>;
}

/** The name of the cache (`caches.delete("vitrine")` empties it). */
const CACHE = "vitrine";

/**
 * The bytes at an address. In a browser, a page that is closed in the middle leaves nothing behind: the cache gets a
 * file when it is whole and of the right hash.
 * @throws FileError where it cannot be fetched, is cut off, or has another hash
 */
export async function fetchBytes(address: string, options: FetchOptions = {}): Promise<Uint8Array> {
  const { sha256, cache = true } = options;
  const store = cache ? await browser.caches?.open(CACHE).catch(() => undefined) : undefined;
  const kept = async (): Promise<Uint8Array | undefined> => {
    const found = await store?.match(address);
    return found && new Uint8Array(await found.arrayBuffer());
  };
  if (sha256 !== undefined) {
    const known = await kept();
    if (known && (await sha256Of(known)) === sha256.toLowerCase()) return known;
  }
  let bytes: Uint8Array;
  try {
    bytes = await download(address, options);
  } catch (error) {
    const known = sha256 === undefined && error instanceof UnreachableError ? await kept() : undefined;
    if (!known) throw error;
    return known;
  }
  if (sha256 !== undefined) await checkHash(bytes, sha256, address);
  // A full disk, or a page that may keep nothing: then it is fetched again the next time.
  await store?.put(address, new Response(bytes as Uint8Array<ArrayBuffer>)).catch(() => undefined);
  return bytes;
}

async function download(address: string, { onProgress }: FetchOptions): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(address);
  } catch (error) {
    const { message, cause } = error as Error & { cause?: Error };
    throw new UnreachableError(
      address,
      `could not be fetched: ${cause?.message ?? message}`,
      browser.document === undefined
        ? "Is the address right, and is there a network?"
        : "Is the address right, is there a network, and does its server allow other pages to read it (CORS)?",
    );
  }
  if (!response.ok) throw new FileError(address, `could not be fetched: ${response.status} ${response.statusText}`);
  // A server that packs tells the packed length; the browser unpacks.
  const told = response.headers.has("content-encoding") ? NaN : Number(response.headers.get("content-length") ?? NaN);
  const pieces: Uint8Array[] = [];
  let done = 0;
  try {
    for (const reader = response.body!.getReader(); ;) {
      const { value } = await reader.read();
      if (!value) break;
      pieces.push(value);
      done += value.length;
      onProgress?.({ label: address, done, total: told >= done ? told : Infinity });
    }
  } catch (error) {
    throw new FileError(address, `was cut off after ${sizeInWords(done)}: ${(error as Error).message}`, "Try again.");
  }
  if (done < told)
    throw new FileError(address, `was cut off after ${sizeInWords(done)} of ${sizeInWords(told)}`, "Try again.");
  const bytes = new Uint8Array(done);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** There is no network, or the server does not answer this page. */
class UnreachableError extends FileError {}

/**
 * What is read of a file from an address. Where it cannot be understood no copy is kept: the server's may be mended the
 * next time.
 */
export async function forgottenIfWrong<T>(source: unknown, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (typeof source === "string") await forget([source]);
    throw error;
  }
}

/** Takes copies away. */
export async function forget(addresses: readonly string[]): Promise<void> {
  const store = await browser.caches?.open(CACHE).catch(() => undefined);
  if (store) await Promise.all(addresses.map((address) => store.delete(address)));
}

async function checkHash(bytes: Uint8Array, wanted: string, address: string): Promise<void> {
  const seen = await sha256Of(bytes);
  if (seen === undefined)
    throw new FileError(address, "cannot be checked: a page without https has no SHA-256", "Serve it by https.");
  if (seen !== wanted.toLowerCase())
    throw new FileError(
      address,
      `is damaged or another file: its SHA-256 is ${seen}, where ${wanted} is wanted`,
      "Try again.",
    );
}

/** In hexadecimal digits; undefined on a page without https, whose browser has none. */
export async function sha256Of(bytes: Uint8Array): Promise<string | undefined> {
  const { subtle } = globalThis.crypto as { subtle?: typeof globalThis.crypto.subtle };
  if (!subtle) return undefined;
  const digest = new Uint8Array(await subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
