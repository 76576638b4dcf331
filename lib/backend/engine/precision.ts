import { badInput } from "../../core/errors";
import { environment } from "../../core/once";
import { allowedWords, oneOf } from "../../core/options";
import { processorInfo } from "../../core/process";
import type { PassedOver } from "./probe";

/**
 * How exactly factors are taken. `full`: as float32. `fast`: oneDNN may round the factors of convolutions and products
 * of matrices to bfloat16, whose 8 bits are a third of float32's, and adds the products up in float32. Everything else
 * stays float32. [bench/precision.md](../../bench/precision.md) has the errors.
 */
export type Precision = (typeof precisions)[number];
const precisions = ["full", "fast"] as const;

/** VITRINE_PRECISION */
export const precisionSetting = oneOf(precisions, {
  default: "full",
  help: "how exactly factors are taken: as float32, or rounded where the processor multiplies such faster",
});

/** What VITRINE_PRECISION asks for. @throws BadInputError */
export function askedPrecision(value = environment("VITRINE_PRECISION")): Precision {
  if (value === undefined || value === "") return precisionSetting.default;
  const asked = precisions.find((each) => each === value);
  if (asked) return asked;
  return badInput({
    what: "VITRINE_PRECISION",
    got: value,
    allowed: allowedWords(precisionSetting),
    remedy: "Unset it for full precision.",
  });
}

/**
 * Instructions that multiply bfloat16 as oneDNN's (on Arm: ACL's) kernels for float32 tensors use them, by the name
 * that Linux gives them.
 */
const instructions: Partial<Record<NodeJS.Architecture, string>> = { x64: "amx_bf16", arm64: "bf16" };

/**
 * Sets TensorFlow's library to the precision that is asked for; before it loads, as it reads that once, for the whole
 * process.
 * @param cpu what Linux tells of the processor
 * @returns what will be used, and why it is not what was asked for
 */
export function preparePrecision(
  asked: Precision,
  cpu = processorInfo() ?? "",
  arch = process.arch,
): { precision: Precision; passedOver?: PassedOver } {
  if (asked === "full") return { precision: "full" };
  const wanted = instructions[arch];
  if (wanted === undefined || !new RegExp(`^(flags|Features)\\s*:.*\\b${wanted}\\b`, "m").test(cpu)) {
    const reason =
      wanted === undefined
        ? `there is none for ${arch} processors`
        : `this processor does not say that it has bfloat16 instructions (${wanted} in /proc/cpuinfo)`;
    return { precision: "full", passedOver: { name: "fast precision", reason } };
  }
  process.env.TF_SET_ONEDNN_FPMATH_MODE ??= "BF16";
  return { precision: "fast" };
}
