// GET with time limits and redirects, and what went wrong in words.
import * as http from "node:http";
import * as https from "node:https";

/** How long to wait, in milliseconds. */
export interface NetworkLimits {
  /** For the connection: short, so that a closed network is noticed in seconds. */
  readonly connect: number;
  /** For the answer's first byte. */
  readonly response: number;
  /** Between two pieces of the answer. */
  readonly idle: number;
}

export const networkLimits: NetworkLimits = { connect: 4000, response: 15000, idle: 20000 };

/** The server could not be reached: trying again at once is no use. */
export class UnreachableError extends Error {}

/** The server answered, but not with the file. */
export class StatusError extends Error {
  constructor(readonly status: number) {
    super(`the server answered ${status} (${http.STATUS_CODES[status] ?? "unknown"})`);
  }
}

/**
 * GET, following up to five redirects, never from https to http.
 * @returns the open answer, with status 200 or 206
 * @throws UnreachableError, StatusError, or a broken connection's own error
 */
export async function openUrl(
  url: string,
  headers: Record<string, string>,
  limits: NetworkLimits,
  signal?: AbortSignal,
): Promise<http.IncomingMessage> {
  let at = new URL(url);
  for (let redirects = 0; redirects <= 5; redirects++) {
    const response = await get(at, headers, limits, signal);
    const status = response.statusCode ?? 0;
    if (status === 200 || status === 206) return response;
    response.destroy();
    const next = response.headers.location;
    if (status < 300 || status >= 400 || !next) throw new StatusError(status);
    const target = new URL(next, at);
    if (!/^https?:$/.test(target.protocol) || (at.protocol === "https:" && target.protocol !== "https:"))
      throw new UnreachableError(`${at.host} redirects to ${target.protocol}//${target.host}, which is refused`);
    at = target;
  }
  throw new UnreachableError(`${at.host} redirects in a circle`);
}

function get(
  url: URL,
  headers: Record<string, string>,
  limits: NetworkLimits,
  signal?: AbortSignal,
): Promise<http.IncomingMessage> {
  const secure = url.protocol === "https:";
  return new Promise((resolve, reject) => {
    let connected = false;
    const request = (secure ? https : http).get(url, {
      headers: { "accept-encoding": "identity", "user-agent": "vitrine", ...headers },
      signal,
    });
    const expire = (after: number, what: string): NodeJS.Timeout =>
      setTimeout(() => request.destroy(new Error(`${what} within ${after / 1000} s`)), after);
    let timer = expire(limits.connect, "no connection");
    const onConnect = (): void => {
      connected = true;
      clearTimeout(timer);
      timer = expire(limits.response, "no answer");
    };
    request.on("socket", (socket) => {
      if (socket.connecting) socket.once(secure ? "secureConnect" : "connect", onConnect);
      else onConnect();
    });
    request.on("response", (response) => {
      clearTimeout(timer);
      response.setTimeout(limits.idle, () =>
        response.destroy(new Error(`nothing arrived for ${limits.idle / 1000} s`)),
      );
      resolve(response);
    });
    request.on("error", (error) => {
      clearTimeout(timer);
      reject(
        connected || signal?.aborted
          ? error
          : new UnreachableError(`${url.host} cannot be reached (${inWords(error)})`),
      );
    });
  });
}

function inWords(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "its name cannot be resolved: no network?";
  if (code === "ECONNREFUSED") return "connection refused";
  return error.message || code || "no connection";
}
