import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { chromium, type Browser } from "playwright-core";
import { chromiumPath } from "../../notebooks/lab";
import { Consumer } from "./consumer";

/** What a page of somebody's does: a network of its own, and its saliency. */
const script = `
import { fromLayersModel, ready, saliency, tf } from "vitrine";

export async function go(options) {
  const { name } = await ready(options);
  const layers = [
    tf.layers.conv2d({ inputShape: [8, 8, 1], filters: 2, kernelSize: 3, kernelInitializer: "ones" }),
    tf.layers.activation({ activation: "relu" }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 3, kernelInitializer: "ones" }),
  ];
  const model = fromLayersModel(tf.sequential({ layers }), { output: "linear" });
  const { values } = await saliency(model, tf.ones([1, 8, 8, 1]), { target: 1 });
  return { name, shape: values.shape, values: Array.from(await values.data()) };
}
`;

/** Two filters of ones: each pixel counts once for each window that it is in, and twice since there are two. */
const windows = (at: number): number => Math.min(at, 2) - Math.max(0, at - 5) + 1;
const expected = Array.from({ length: 64 }, (_, i) => 2 * windows(Math.floor(i / 8)) * windows(i % 8));

const types: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};

describe(`the package, as others use it${chromiumPath ? "" : " [needs service Chromium]"}`, function () {
  this.timeout(300_000);
  let consumer: Consumer, browser: Browser, server: Server;

  before(async function () {
    if (!chromiumPath) return this.skip();
    consumer = await Consumer.made();
    consumer.write("main.js", `${script}\nglobalThis.go = go;\n`);
    consumer.write("index.html", '<!doctype html><script type="module" src="/main.js"></script>');
    browser = await chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox"] });
    server = createServer(({ url = "/" }, response) => {
      const path = join(consumer.folder, new URL(url, "http://x").pathname),
        file = existsSync(path) && statSync(path).isDirectory() ? join(path, "index.html") : path;
      if (!existsSync(file)) return void response.writeHead(404).end();
      response.writeHead(200, { "content-type": types[extname(file)] ?? "text/plain" }).end(readFileSync(file));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(async () => {
    await browser?.close();
    server?.close();
    consumer?.end();
  });

  /** What `go` gives on a page of the consumer's folder. */
  async function onPage(path: string, options: object): Promise<unknown> {
    const page = await browser.newPage(),
      complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    try {
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`);
      await page.waitForFunction("typeof go === 'function'").catch(() => {
        throw new Error(complaints.join("\n") || "the page's script did not run");
      });
      return await page.evaluate(`go(${JSON.stringify(options)})`);
    } finally {
      await page.close();
    }
  }

  const right = (name: string) => ({ name, shape: [1, 8, 8, 1], values: expected });

  it("Node: import and require give one library, which computes on wasm with nothing else installed", async () => {
    consumer.write(
      "node.mjs",
      `${script}
import { createRequire } from "node:module";
import { attributionMap, BadInputError, integratedGradients, loadModel, modelNames, renderPng } from "vitrine";
const required = createRequire(import.meta.url)("vitrine");
async function said(work) {
  try {
    await work();
  } catch (error) {
    return [error instanceof required.BadInputError, error.message];
  }
}
const model = await loadModel("fashion-deep");
const garments = tf.zeros([1, 28, 28, 1]);
const map = attributionMap(await integratedGradients(model, garments, { steps: 4 }));
console.log(JSON.stringify({
  ...(await go()),
  same: required.saliency === saliency && required.BadInputError === BadInputError,
  known: modelNames().includes("fashion-deep"),
  bad: await said(() => saliency(model, tf.zeros([3]))),
  drawn: (await said(async () => renderPng(await map)))[1],
}));
`,
    );
    const { same, known, bad, drawn, ...computed } = JSON.parse(
      (await consumer.node("node.mjs")).trim().split("\n").at(-1)!,
    );
    expect(computed).to.deep.equal(right("wasm"));
    expect({ same, known }).to.deep.equal({ same: true, known: true });
    expect(bad).to.deep.equal([
      true,
      "the shape of images is [3]; allowed: [28, 28, 1] or [batch, 28, 28, 1] for fashion-deep.",
    ]);
    expect(drawn).to.equal(
      "Drawing a figure in Node needs the npm package jsdom, which is not installed: npm install jsdom",
    );
  });

  it("TypeScript: every way of resolving modules finds the types, and wrong options do not compile", async () => {
    const uses = `
declare const model: VisionModel;
const wanted: Promise<Attribution> = saliency(model, tf.zeros([1, 28, 28, 1]), { target: 3 });
void wanted.then(({ values }) => values.shape);
void integratedGradients(model, tf.zeros([1, 28, 28, 1]), { steps: 20 });
// @ts-expect-error no such option
void integratedGradients(model, tf.zeros([1, 28, 28, 1]), { stepz: 20 });
// @ts-expect-error a number is asked for
void integratedGradients(model, tf.zeros([1, 28, 28, 1]), { steps: "20" });
// @ts-expect-error there is no such method
void vitrine.salience;
`;
    const names = 'import { integratedGradients, saliency, tf, type Attribution, type VisionModel } from "vitrine";\n';
    consumer.write("esm.mts", `${names}import * as vitrine from "vitrine";\n${uses}`);
    consumer.write("common.cts", `${names}import vitrine = require("vitrine");\n${uses}`);
    const tsc = join(consumer.folder, "node_modules/typescript/bin/tsc"),
      usual = ["--noEmit", "--strict", "--target", "es2022", "--skipLibCheck", "--types", "node"];
    await Promise.all([
      consumer.node(tsc, ...usual, "--module", "nodenext", "esm.mts", "common.cts"),
      consumer.node(tsc, ...usual, "--module", "node16", "esm.mts", "common.cts"),
      consumer.node(tsc, ...usual, "--module", "esnext", "--moduleResolution", "bundler", "esm.mts"),
    ]);
  });

  it("Vite builds a page, and its wasm files come along", async () => {
    await consumer.node("node_modules/vite/bin/vite.js", "build", "--outDir", "vite", "--base", "/vite/");
    expect(await onPage("vite/", { backend: "wasm" })).to.deep.equal(right("wasm"));
    expect(await onPage("vite/", { backend: "cpu" })).to.deep.equal(right("cpu"));
  });

  it("webpack builds a page, and its wasm files come along", async () => {
    consumer.write(
      "webpack.mjs",
      `import webpack from "webpack";
const output = { path: ${JSON.stringify(join(consumer.folder, "webpack"))}, publicPath: "/webpack/" };
const context = ${JSON.stringify(consumer.folder)};
webpack({ mode: "development", devtool: false, context, entry: "./main.js", output }, (error, stats) => {
  if (error || stats.hasErrors()) throw error ?? new Error(stats.toString("errors-only"));
});
`,
    );
    await consumer.node("webpack.mjs");
    consumer.write("webpack/index.html", '<!doctype html><script src="/webpack/main.js"></script>');
    expect(await onPage("webpack/", { backend: "wasm" })).to.deep.equal(right("wasm"));
  });

  it("esbuild builds a page and a worker; the wasm files lie where the page says", async () => {
    consumer.write("worker.js", `${script}\nonmessage = async ({ data }) => postMessage(await go(data));\n`);
    await consumer.node(
      "node_modules/esbuild/bin/esbuild",
      "main.js",
      "worker.js",
      "--bundle",
      "--format=esm",
      "--splitting",
      "--outdir=esbuild",
    );
    consumer.write("esbuild/index.html", '<!doctype html><script type="module" src="/esbuild/main.js"></script>');
    consumer.write(
      "esbuild/worker.html",
      `<!doctype html><script>
        const worker = new Worker("/esbuild/worker.js", { type: "module" });
        globalThis.go = (options) => new Promise((resolve, reject) => {
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
          worker.postMessage(options);
        });
      </script>`,
    );
    const options = { backend: "wasm", wasmPaths: "/node_modules/vitrine/dist/browser/backend/engine/" };
    expect(await onPage("esbuild/", options)).to.deep.equal(right("wasm"));
    expect(await onPage("esbuild/worker.html", options)).to.deep.equal(right("wasm"));
  });

  it("a page without a bundler imports it, told by an import map where TensorFlow.js lies", async () => {
    const tfjs = "/node_modules/@tensorflow";
    consumer.write("tfjs-core.js", 'export * from "@tensorflow/tfjs";\n');
    const imports = {
      vitrine: "/node_modules/vitrine/dist/browser/index.js",
      "@tensorflow/tfjs": `${tfjs}/tfjs/dist/tf.fesm.min.js`,
      fflate: "/node_modules/fflate/esm/browser.js",
    };
    consumer.write(
      "plain.html",
      `<!doctype html><script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module" src="/main.js"></script>`,
    );
    expect(await onPage("plain.html", { backend: "cpu" })).to.deep.equal(right("cpu"));
  });

  it("is small: saliency alone at most 25 kB, everything at most 120 kB, without TensorFlow.js", async () => {
    const sizeOf = async (code: string): Promise<number> => {
      consumer.write("size.js", code);
      await consumer.node(
        "node_modules/esbuild/bin/esbuild",
        "size.js",
        "--bundle",
        "--minify",
        "--format=esm",
        "--external:@tensorflow/*",
        "--outfile=sized.js",
      );
      return gzipSync(readFileSync(join(consumer.folder, "sized.js")), { level: 9 }).length;
    };
    const [alone, all] = [
      await sizeOf('import { saliency } from "vitrine"; globalThis.saliency = saliency;'),
      await sizeOf('import * as vitrine from "vitrine"; globalThis.vitrine = vitrine;'),
    ];
    expect(alone).to.be.above(5_000).and.at.most(25_000);
    expect(all).to.be.above(alone).and.at.most(120_000);
  });

  it("publint and arethetypeswrong find nothing", async () => {
    consumer.write(
      "checked.mjs",
      `import { readFileSync } from "node:fs";
import { publint } from "publint";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
const { messages } = await publint({ pkgDir: "node_modules/vitrine", strict: true });
const { problems } = await checkPackage(createPackageFromTarballData(readFileSync(${JSON.stringify(consumer.packed)})));
console.log(JSON.stringify({ messages, problems }));
`,
    );
    expect(JSON.parse(await consumer.node("checked.mjs"))).to.deep.equal({ messages: [], problems: [] });
  });
});
