// Looks for photographs that are nearly the same, and says whether the split keeps them apart:
// `npx tsx models/flowers-deep/near-duplicates.ts [BITS]`.
import * as path from "node:path";
import sharp from "sharp";
import { openFlowers } from "../../lib/data/flowers";
import { badInput } from "../../lib/core/errors";
import { main } from "../training-run";

const width = 16,
  height = 16;

/**
 * Of the 256 bits of a hash. All 12 pairs of the 2,700 photographs up to here are one photograph twice, recoloured or
 * taken a moment later, and of one photographer each (looked at, one by one). Of the six pairs from 40 to 49 five are
 * of different flowers.
 */
export const nearBits = 39;

export interface Near {
  readonly files: readonly [string, string];
  readonly bits: number;
  readonly acrossTheSplit: boolean;
}

interface Side {
  readonly files: readonly string[];
}

/**
 * Where the grey picture grows brighter from a pixel to its right neighbour (dHash): alike in other sizes and colours.
 */
async function differenceHash(file: string): Promise<Uint32Array> {
  const grey = await sharp(file)
    .greyscale()
    .resize(width + 1, height, { fit: "fill" })
    .raw()
    .toBuffer();
  const hash = new Uint32Array((width * height) / 32);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * (width + 1) + x,
        bit = y * width + x;
      if (grey[at] < grey[at + 1]) hash[bit >> 5] |= 1 << (bit & 31);
    }
  }
  return hash;
}

/** How many bits differ. */
function distance(a: Uint32Array, b: Uint32Array): number {
  let bits = 0;
  for (let i = 0; i < a.length; i++) for (let rest = a[i] ^ b[i]; rest !== 0; rest &= rest - 1) bits++;
  return bits;
}

/** Pairs of photographs up to so many bits apart, the nearest first. */
export async function nearDuplicates({ train, test }: { train: Side; test: Side }, bits = nearBits): Promise<Near[]> {
  const files = [...train.files, ...test.files],
    hashes: Uint32Array[] = [];
  for (let start = 0; start < files.length; start += 8) {
    hashes.push(...(await Promise.all(files.slice(start, start + 8).map(differenceHash))));
  }
  const pairs: Near[] = [];
  hashes.forEach((hash, i) => {
    for (let j = 0; j < i; j++) {
      const apart = distance(hash, hashes[j]);
      if (apart > bits) continue;
      const acrossTheSplit = i >= train.files.length !== j >= train.files.length;
      pairs.push({ files: [files[j], files[i]], bits: apart, acrossTheSplit });
    }
  });
  return pairs.sort((a, b) => a.bits - b.bits);
}

if (require.main === module)
  main(async () => {
    const bits = Number(process.argv[2] ?? nearBits);
    if (!Number.isInteger(bits) || bits < 0)
      badInput({ what: "BITS", got: process.argv[2], allowed: "an integer ≥ 0" });
    const flowers = await openFlowers({ size: 96 }),
      pairs = await nearDuplicates(flowers, bits);
    await flowers.close();
    const named = (file: string): string => file.split(path.sep).slice(-2).join("/");
    for (const { files, bits: apart, acrossTheSplit } of pairs) {
      console.log(`${apart} bits: ${files.map(named).join(" and ")}${acrossTheSplit ? ", ACROSS THE SPLIT" : ""}`);
    }
    const across = pairs.filter((pair) => pair.acrossTheSplit).length;
    console.log(`${pairs.length} pairs up to ${bits} of ${width * height} bits apart, ${across} across the split.`);
  });
