import { existsSync } from "node:fs";
import type { Context } from "mocha";
import * as tf from "@tensorflow/tfjs";
import { ready, switchBackend } from "../../lib/backend/engine/select";

/** Where Debian's Chromium has its software driver for Vulkan, which runs WebGPU without a graphics card. */
const swiftShader = [
  "/usr/lib/chromium/vk_swiftshader_icd.json",
  "/usr/lib/chromium-browser/vk_swiftshader_icd.json",
].find((file) => existsSync(file));

/**
 * To be called in `before`: webgpu from here on, by the software driver unless another is named; skips the suite with
 * the reason where there is none.
 */
export async function onWebgpu(context: Context): Promise<void> {
  await ready();
  const named = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES;
  if (named === undefined && swiftShader !== undefined) process.env.VK_DRIVER_FILES = swiftShader;
  const wrong = await switchBackend("webgpu");
  if (wrong === undefined) return;
  if (context.test?.parent) context.test.parent.title += ` (skipped: ${wrong})`;
  context.skip();
}

/** To be called in `after`. */
export async function backAsChosen(): Promise<void> {
  await tf.setBackend((await ready()).name);
}

/** Runs `work` on the chosen backend, and webgpu again after it. */
export async function onChosen<T>(work: () => T | Promise<T>): Promise<T> {
  await backAsChosen();
  try {
    return await work();
  } finally {
    await tf.setBackend("webgpu");
  }
}
