// Maps as numbers, one for each pixel, and what scale they need.
import * as tf from "@tensorflow/tfjs";
import { signedMean, signedSum, strongest, type ChannelReduction } from "../core/tensors";
import { ready } from "../backend";
import { badInput } from "../core/errors";
import { checkOption, isFunction, number, oneOf, orElse, other, type Schema } from "../core/options";
import { largest, type Picture, checkCount, checkSameSize, readPictures, type Pictures } from "./pictures";

export const signs = ["signed", "magnitude"] as const;
export type Sign = (typeof signs)[number];

/** How the values of a map become colours. */
export interface MapReading {
  /**
   * `signed`: below and above zero differ; `magnitude`: only absolute values count.
   * Default: `signed` if any value is negative, after `channels`.
   */
  sign?: Sign;
  /**
   * How the channels of a pixel become one value: a reduction such as `maxAbs`, `l2Norm` or one of your own, or the
   * words `sum` (with signs) and `strongest` (the one with the largest absolute value). Default: "sum".
   */
  channels?: ChannelReduction | "sum" | "strongest";
  /**
   * Absolute values above this percentile (nearest rank, of all maps that share the scale) are shown as the scale's
   * end: single outliers otherwise pale all else. Where it is 0, since most values are 0, the largest counts. Number
   * above 0 and at most 100. Default: 100.
   */
  percentile?: number;
}

/** Where one's own sign and percentile are not all of it. @param rule when maps are signed, if it is not said */
export const signOption = (rule: string) =>
  oneOf(signs, { rule, help: "signed: below and above zero differ; magnitude: only absolute values count" });

export const mapReading = {
  sign: signOption("signed if any value is negative, after channels"),
  channels: oneOf(["sum", "strongest"], {
    or: orElse<ChannelReduction>("a reduction such as maxAbs", isFunction),
    default: "sum",
    help: "how the channels of a pixel become one value",
  }),
  percentile: number({
    above: 0,
    most: 100,
    default: 100,
    help: "absolute values above this percentile are shown as the scale's end",
  }),
} satisfies Schema<MapReading>;

/** Signs of single maps. */
export const signsOption = (help: string) =>
  other<Readonly<Record<string, Sign>>>("an object with the signs by name", { help });

/** The sign that options ask for, or that values show. */
export function signOf(groups: readonly (readonly Picture[])[], { sign }: MapReading): Sign {
  if (sign !== undefined) return checkOption("sign", mapReading.sign, sign) as Sign;
  return groups.some((maps) =>
    maps.some(({ values }) => Array.prototype.some.call(values, (value: number) => value < 0)),
  )
    ? "signed"
    : "magnitude";
}

/** What these make of one channel is that channel. */
const signedReductions: ReadonlySet<ChannelReduction> = new Set([signedSum, signedMean, strongest]);

/** Maps of one value a pixel. */
export async function reduceMaps(
  maps: readonly Picture[],
  { channels: how = mapReading.channels.default }: MapReading,
): Promise<Picture[]> {
  const reduce = typeof how === "function" ? how : { sum: signedSum, strongest }[how];
  return Promise.all(
    maps.map(async (map) => (map.channels === 1 && signedReductions.has(reduce) ? map : reduced(map, reduce))),
  );
}

async function reduced({ height, width, channels, values }: Picture, reduce: ChannelReduction): Promise<Picture> {
  await ready();
  const map = tf.tidy(() => {
    const made = reduce(tf.tensor4d(Float32Array.from(values), [1, height, width, channels]));
    const shape = made instanceof tf.Tensor ? made.shape : made;
    return String(shape) === `1,${height},${width},1`
      ? made
      : badInput({ what: "what channels returned", got: shape, allowed: `a tensor [1, ${height}, ${width}, 1]` });
  });
  try {
    return { height, width, channels: 1, values: (await map.data()) as Float32Array };
  } finally {
    map.dispose();
  }
}

/** Absolute values, where only these count. */
export function bySign(maps: readonly Picture[], sign: Sign): Picture[] {
  return maps.map((map) => (sign === "signed" ? map : { ...map, values: Array.from(map.values, Math.abs) }));
}

/**
 * Where a colour scale for these maps ends: their largest absolute value, or the percentile asked for where that is
 * above 0;
 * 1 if all are 0.
 */
export function scaleLimit(
  maps: readonly Picture[],
  { percentile = mapReading.percentile.default }: MapReading,
): number {
  if (percentile === 100) return Math.max(...maps.map(largest)) || 1;
  const sizes = maps.flatMap(({ values }) => Array.from(values, Math.abs)).sort((a, b) => a - b);
  return sizes[Math.max(0, Math.ceil((percentile / 100) * sizes.length) - 1)] || sizes[sizes.length - 1] || 1;
}

/** Maps of one value a pixel, one for each image. */
interface Method {
  name: string;
  maps: readonly Picture[];
  sign: Sign;
}

/** Reads the maps of several methods. @param together one sign for all @throws BadInputError */
export async function readMethods(
  maps: Readonly<Record<string, Pictures>>,
  images: readonly Picture[],
  options: MapReading & { signs?: Readonly<Record<string, Sign>> },
  together: boolean,
): Promise<Method[]> {
  const names = typeof maps === "object" && maps !== null && !Array.isArray(maps) ? Object.keys(maps) : [];
  if (names.length === 0)
    badInput({
      what: "maps",
      got: maps,
      allowed: "an object with the maps of each method by its name",
      remedy: "For instance { saliency: await saliency(model, images) }.",
    });
  const unknown = Object.keys(options.signs ?? {}).find((name) => !names.includes(name));
  if (unknown !== undefined)
    badInput({ what: "a name in signs", got: unknown, allowed: names.map((name) => `"${name}"`).join(", ") });
  const read = await Promise.all(names.map((name) => readPictures(maps[name], `maps.${name}`)));
  read.forEach((ofMethod, m) => {
    checkCount(ofMethod.length, images.length, `maps.${names[m]}`, "images");
    ofMethod.forEach((map, i) => checkSameSize(map, images[i], `maps.${names[m]}[${i}]`));
  });
  const single = await Promise.all(read.map((maps) => reduceMaps(maps, options)));
  const common = together ? signOf(single, options) : undefined;
  return names.map((name, m) => {
    const sign = common ?? signOf([single[m]], { sign: options.signs?.[name] ?? options.sign });
    return { name, sign, maps: bySign(single[m], sign) };
  });
}
