import { readFileSync } from "node:fs";
import { join } from "node:path";
import { canvas } from "../data/image-decoders";
import { describeRegistry, type EntryState, places } from "../data/registry";
import { sizeInWords } from "../core/text";
import type { BackendChoice } from "../backend/engine/choice";
import { ready } from "../backend/engine/select";
import { projectRoot } from "../core/process";
import type { Finding } from "./doctor-checks";

/** The backend as it would be chosen now; a forced one that cannot be obtained is a finding, not a failure. */
export async function checkBackend(): Promise<{ finding: Finding; choice?: BackendChoice }> {
  const common = { section: "Backend", name: "", essential: true };
  try {
    const choice = await ready();
    const details = [choice.reason, ...choice.passedOver.map(({ name, reason }) => `not ${name}: ${reason}`)];
    const slow = choice.name !== "tensorflow" && !process.env.VITRINE_BACKEND;
    return {
      choice,
      finding: {
        ...common,
        state: slow ? "instead" : "ok",
        found:
          `${choice.name} on ${choice.device}: ` +
          `${choice.version}${choice.precision === "fast" ? ", factors in bfloat16" : ""}`,
        details,
        remedy: slow ? "npm run setup -- --again tries to get the native backend, 10 to 40 times faster" : undefined,
      },
    };
  } catch (error) {
    return {
      finding: {
        ...common,
        state: "missing",
        found: "none",
        details: [(error as Error).message],
        remedy: "unset VITRINE_BACKEND and VITRINE_PRECISION, or give them one of the allowed values",
      },
    };
  }
}

/** What measures and draws text in the pictures beside the plots. */
export function checkCanvas(): Finding {
  const section = "Pictures";
  try {
    const { name, passedOver } = canvas();
    if (!passedOver) return { section, name: "", state: "ok", found: name };
    return {
      section,
      name: "",
      state: "instead",
      found: `${name}, which does the same work`,
      details: [`not canvas: ${setUpsReason() ?? passedOver}`],
      remedy:
        "optional: npm run setup -- --again builds canvas where Cairo's headers are (apt-get install " +
        "libcairo2-dev libpango1.0-dev libjpeg-dev libgif-dev librsvg2-dev)",
    };
  } catch (error) {
    return {
      section,
      name: "",
      state: "missing",
      found: "neither canvas nor @napi-rs/canvas",
      details: [(error as Error).message.split("\n")[0]],
      remedy: "npm install",
    };
  }
}

/** Set-up knows better than the loader why the package is not built. */
function setUpsReason(): string | undefined {
  try {
    return (
      JSON.parse(readFileSync(join(projectRoot(), ".venv", "vitrine", "canvas.json"), "utf8")) as { reason?: string }
    ).reason;
  } catch {
    return undefined;
  }
}

/** Data sets and models, from names and sizes alone. */
export async function checkRegistry(): Promise<Finding[]> {
  const { cache, mirror, offline } = places();
  const entries = await describeRegistry();
  const standIns = entries.some(({ name, source }) => name === "fashion-standins" && source === "committed");
  return [
    { section: "Files", name: "cache", state: "ok", found: cache },
    {
      section: "Files",
      name: "mirror",
      state: "ok",
      found:
        mirror === undefined
          ? "none (VITRINE_MIRROR is not set)"
          : process.env.VITRINE_MIRROR === undefined
            ? `${mirror} (as at the last set-up; an empty VITRINE_MIRROR forgets it)`
            : mirror,
    },
    { section: "Files", name: "network", state: "ok", found: offline ? "forbidden by VITRINE_OFFLINE" : "may be used" },
    ...entries.map((entry) => fromEntry(entry, standIns)),
  ];
}

function fromEntry(entry: EntryState, standIns: boolean): Finding {
  const { name, kind, source, where, bytes, variant, remedy } = entry;
  const section = kind === "data" ? "Data sets" : "Models";
  const here = source === "cached" || source === "mirrored" || source === "committed";
  const drawn = name === "fashion-mnist" && !here && standIns;
  const place = where === "" ? "" : source === "downloadable" ? ` from ${where}` : ` in ${where}`;
  return {
    section,
    name,
    state: here ? "ok" : drawn ? "instead" : source === "downloadable" ? "later" : "missing",
    found: `${source}${place} (${variant}, ${sizeInWords(bytes)})`,
    details: drawn ? ["until then garments are drawn by a generator, and labelled as stand-ins"] : [],
    remedy: here ? undefined : remedy,
  };
}
