import { zipSync } from "fflate";
import { FileError } from "../core/errors";
import type { NdArray } from "./nd-array";
import { decodeNpy, encodeNpy } from "./npy";
import { readBytes } from "./read-bytes";
import { writeAtomically } from "../core/files";
import { openZip } from "./zip";

/** Several NumPy arrays in one file. */
export interface Npz {
  readonly names: readonly string[];
  /**
   * One array, read when it is asked for: an array that cannot be read (a pickled one) does not stand in the others'
   * way.
   */
  read(name: string): NdArray;
}

/** An .npz file (`numpy.savez`, compressed or not). @throws FileError */
export async function readNpz(file: string): Promise<Npz> {
  return decodeNpz(await readBytes(file), file);
}

/** @param name the file's, for messages */
export function decodeNpz(bytes: Uint8Array, name: string): Npz {
  const zip = openZip(bytes, name);
  const names = zip.names.filter((entry) => entry.endsWith(".npy")).map((entry) => entry.slice(0, -4));
  return {
    names,
    read: (array) => {
      if (!names.includes(array))
        throw new FileError(
          name,
          `holds no array ${JSON.stringify(array)}; it holds ${names.slice(0, 20).join(", ") || "none"}`,
        );
      return decodeNpy(zip.read(`${array}.npy`), `${name}[${array}]`);
    },
  };
}

/** @throws FileError where it cannot be written */
export async function writeNpz(file: string, arrays: Readonly<Record<string, NdArray>>): Promise<void> {
  const entries = Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, encodeNpy(array)]));
  await writeAtomically(file, zipSync(entries, { level: 6 }));
}
