import { readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { installKernels } from "../corrections/kernels";
import { oneLineReason, probeSafely } from "./probe";

/** SIMD is used where the processor has it; threads never, since TF.js has them in browsers only. */
export async function activateWasm(): Promise<string | undefined> {
  const before = tf.engine().backendName as string | undefined;
  let wrong: string | undefined;
  try {
    const wasm = require("@tensorflow/tfjs-backend-wasm") as typeof import("@tensorflow/tfjs-backend-wasm");
    wasm.setWasmPaths(join(wasmFolder(), "dist") + sep);
    installKernels("wasm");
    if (await tf.setBackend("wasm")) wrong = probeSafely();
    else wrong = "its WebAssembly module did not start";
  } catch (error) {
    wrong = oneLineReason(error);
  }
  if (wrong !== undefined && before) await tf.setBackend(before);
  return wrong;
}

export async function wasmVersion(): Promise<string> {
  const simd = (await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")) === true;
  const { version } = JSON.parse(readFileSync(join(wasmFolder(), "package.json"), "utf8")) as { version: string };
  return `@tensorflow/tfjs-backend-wasm ${version}, ${simd ? "with" : "without"} SIMD, one thread`;
}

const wasmFolder = (): string => dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json"));
