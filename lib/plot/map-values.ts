import { badInput } from "../errors";
import { checkedChoice } from "./panel-grid";
import { largest } from "./picture-trace";
import type { Picture } from "./pictures";

export type Sign = "signed" | "magnitude";

/** How the values of a map become colours. */
export interface MapReading {
  /**
   * `signed`: below and above zero differ; `magnitude`: only absolute values count.
   * Default: `signed` if any value is negative.
   */
  sign?: Sign;
  /** How the channels of a pixel become one value: their sum, or the one with the largest absolute value. Default: `sum`. */
  channels?: "sum" | "strongest";
  /** Absolute values above this percentile are shown as the scale's end: single outliers otherwise pale all else. Above 0, at most 100. Default: 100. */
  percentile?: number;
}

/** The sign that options ask for, or that values show. */
export function signOf(groups: readonly (readonly Picture[])[], { sign }: MapReading): Sign {
  if (sign !== undefined) return checkedChoice("sign", sign, ["signed", "magnitude"]);
  return groups.some((maps) => maps.some(({ values }) => Array.prototype.some.call(values, (value: number) => value < 0))) ? "signed" : "magnitude";
}

/** Maps of one value a pixel. */
export function reduceMaps(maps: readonly Picture[], sign: Sign, { channels: how = "sum" }: MapReading): Picture[] {
  checkedChoice("channels", how, ["sum", "strongest"]);
  return maps.map(({ height, width, channels, values }) => {
    const one = (pixel: number): number => {
      let sum = 0;
      let strongest = 0;
      for (let c = 0; c < channels; c++) {
        const value = values[pixel * channels + c];
        sum += value;
        if (Math.abs(value) > Math.abs(strongest)) strongest = value;
      }
      const value = how === "sum" ? sum : strongest;
      return sign === "magnitude" ? Math.abs(value) : value;
    };
    return { height, width, channels: 1, values: Array.from({ length: height * width }, (_, i) => one(i)) };
  });
}

/** Where a colour scale for these maps ends: their largest absolute value, or the percentile asked for; 1 if all are 0. */
export function scaleLimit(maps: readonly Picture[], { percentile = 100 }: MapReading): number {
  if (!(percentile > 0 && percentile <= 100)) badInput({ what: "percentile", got: percentile, allowed: "a number above 0 and at most 100" });
  if (percentile === 100) return Math.max(...maps.map(largest)) || 1;
  const sizes = maps.flatMap(({ values }) => Array.from(values, Math.abs)).sort((a, b) => a - b);
  return sizes[Math.max(0, Math.ceil((percentile / 100) * sizes.length) - 1)] || sizes[sizes.length - 1] || 1;
}
