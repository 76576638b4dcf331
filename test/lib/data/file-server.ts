import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** How the server treats one path. */
export interface Served {
  bytes: Buffer;
  /** Break the connection after so many bytes of an answer; one number per request, none left: no more breaking. */
  breakAfter?: number[];
  /** Answer a range request with the whole file. */
  ignoreRange?: boolean;
  /** Answer with these statuses first, one per request. */
  statuses?: number[];
  /** Say nothing of the length. */
  chunked?: boolean;
  /** Stop sending after so many bytes, without closing. */
  stallAfter?: number;
  /** Milliseconds between pieces of 16 kB. */
  pause?: number;
  redirect?: string;
}

export interface FileServer {
  url(path: string): string;
  serve(path: string, served: Served): void;
  /** `path` or `path bytes=N-`, in order. */
  readonly requests: string[];
}

/** A web server on the loopback, for each test of a suite. */
export function fileServer(): FileServer {
  const served = new Map<string, Served>(),
    requests: string[] = [];
  let server: http.Server;
  beforeEach(async () => {
    served.clear();
    requests.length = 0;
    server = http.createServer(
      (request, response) => void answer(served.get(request.url ?? ""), request, response, requests),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: (path) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    serve: (path, how) => void served.set(path, how),
    requests,
  };
}

async function answer(
  how: Served | undefined,
  request: http.IncomingMessage,
  response: http.ServerResponse,
  requests: string[],
): Promise<void> {
  requests.push([request.url, request.headers.range].filter(Boolean).join(" "));
  if (!how) return void response.writeHead(404).end("not here");
  if (how.redirect) return void response.writeHead(302, { location: how.redirect }).end();
  const status = how.statuses?.shift();
  if (status) return void response.writeHead(status).end("no");
  const start = how.ignoreRange ? 0 : Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
  if (start > how.bytes.length) return void response.writeHead(416).end();
  const body = how.bytes.subarray(start);
  response.writeHead(start > 0 ? 206 : 200, {
    ...(how.chunked ? {} : { "content-length": body.length }),
    ...(start > 0 ? { "content-range": `bytes ${start}-${how.bytes.length - 1}/${how.bytes.length}` } : {}),
  });
  const breakAfter = how.breakAfter?.shift();
  const end = Math.min(body.length, breakAfter ?? Infinity, how.stallAfter ?? Infinity);
  for (let at = 0; at < end && !response.destroyed; at += 16384) {
    response.write(body.subarray(at, Math.min(end, at + 16384)));
    await sleep(how.pause ?? 0);
  }
  // Broken only after what was promised has left the house.
  if (breakAfter !== undefined) return void setTimeout(() => response.destroy(), 50);
  if (how.stallAfter === undefined) response.end();
}
