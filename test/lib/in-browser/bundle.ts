import { existsSync } from "node:fs";
import { resolve } from "node:path";
import * as esbuild from "esbuild";

/** Takes a module's half for browsers where one stands beside it, as the package's own build does. */
const browserHalves: esbuild.Plugin = {
  name: "browser halves",
  setup(build) {
    build.onResolve({ filter: /^\./ }, ({ resolveDir, path }) => {
      const base = resolve(resolveDir, path),
        half = [`${base}.browser.ts`, `${base}/index.browser.ts`].find((file) => existsSync(file));
      return half ? { path: half } : undefined;
    });
  },
};

/** A page's script with all that it imports, TensorFlow.js too. */
export async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    mainFields: ["module", "browser", "main"],
    plugins: [browserHalves],
    logLevel: "error",
  });
  return outputFiles[0].text;
}
