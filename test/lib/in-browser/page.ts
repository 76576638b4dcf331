import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { chromiumPath } from "../../notebooks/lab";
import { bundled } from "./bundle";

/** Chromium's software drivers for WebGPU and WebGL: the same on every machine. */
const drivers = [
  "--enable-unsafe-webgpu",
  "--enable-features=Vulkan",
  "--use-webgpu-adapter=swiftshader",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
];

/** What a server answers: text or bytes with their type. */
export type Answers = (path: string) => { type: string; body: string | Uint8Array; status?: number } | undefined;

const wasmFolder = join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")), "dist");

export interface Opened {
  readonly page: Page;
  readonly browser: Browser;
  readonly address: string;
  /** Errors that nobody caught, and what the page complained of. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/**
 * A page that runs a script with all that it imports, from a server of its own on this machine; TensorFlow.js's wasm
 * files lie under /wasm/.
 * @param entry the script
 * @param answers what lies at other addresses
 */
export async function openPage(
  entry: string,
  { answers = (() => undefined) as Answers, args = drivers } = {},
): Promise<Opened> {
  const script = await bundled(entry);
  const known: Answers = (path) => {
    if (path === "/")
      return { type: "text/html", body: '<!doctype html><script type="module" src="/page.js"></script>' };
    if (path === "/page.js") return { type: "text/javascript", body: script };
    if (/^\/wasm\/[\w.-]+\.wasm$/.test(path))
      return { type: "application/wasm", body: readFileSync(join(wasmFolder, path.slice("/wasm/".length))) };
    return undefined;
  };
  const server: Server = createServer(({ url = "/" }, response) => {
    const { type, body, status } = answers(url) ??
      known(url) ?? { type: "text/plain", body: "nothing here", status: 404 };
    response.writeHead(status ?? 200, { "content-type": type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox", ...args] });
  const page = await browser.newPage(),
    complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(address);
  return {
    page,
    browser,
    address,
    complaints,
    close: async () => {
      await browser.close();
      server.close();
    },
  };
}
