import { open, readdir } from "node:fs/promises";
import { constants } from "node:fs";
import sortBy from "lodash/sortBy";
import { IntakeError, limits, mebibytes, type Budget, type Incoming, Listing } from "./incoming";

/**
 * Lists a folder, for instance a download that was unpacked, or nbgrader's `submitted/`. Links are not followed.
 * @param ownerOf see Listing. Default: all files are nobody's
 */
export async function openFolder(folder: string, ownerOf: (path: string) => string = () => ""): Promise<Incoming> {
  const listing = new Listing(ownerOf);
  await walk(Buffer.from(folder), "", listing);
  const files = sortBy(listing.files, ({ path }) => path);
  return { files, left: listing.left, close: async () => undefined };
}

/** Names are bytes: some tools unpack a zip with those of another code. */
async function walk(root: Buffer, below: string, listing: Listing): Promise<void> {
  const listed = readdir(root, { withFileTypes: true, encoding: "buffer" });
  const entries = await listed.catch((error: NodeJS.ErrnoException) => {
    // One student's folder that nobody may look into is no reason to stop.
    if (!below) throw new IntakeError(`The folder cannot be read: ${error.code}.`);
    const refused = `a folder that cannot be read (${error.code})`;
    listing.add({ path: below, refused, read: () => Promise.reject(error) });
    return [];
  });
  for (const entry of entries) {
    const name = nameOf(entry.name),
      path = below ? `${below}/${name}` : name;
    if (listing.isFull(path)) continue;
    const place = Buffer.concat([root, Buffer.from("/"), entry.name]);
    const long = path.length > limits.path ? `its path has ${path.length} characters` : undefined;
    if (entry.isDirectory() && !long) {
      await walk(place, path, listing);
      continue;
    }
    const kind = entry.isSymbolicLink()
      ? "a symbolic link"
      : entry.isFile() || entry.isDirectory()
        ? undefined
        : "not a plain file";
    listing.add({ path, refused: long ?? kind, read: (limit, budget) => readPlain(place, limit, budget) });
  }
}

/** UTF-8, or where it is none Latin-1. */
function nameOf(bytes: Buffer): string {
  const name = bytes.toString("utf8");
  return Buffer.from(name).equals(bytes) ? name : bytes.toString("latin1");
}

/**
 * A plain file's contents: no link, no pipe, no device, and no more than `limit` bytes.
 * @throws IntakeError
 */
export async function readPlain(path: string | Buffer, limit: number, budget?: Budget): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      throw new IntakeError(error.code === "ELOOP" ? "It is a symbolic link." : `It cannot be read: ${error.code}.`);
    },
  );
  try {
    const { size } = await file
      .stat()
      .then((stat) => (stat.isFile() ? stat : Promise.reject(new IntakeError("It is not a plain file."))));
    if (size > limit) throw new IntakeError(`It has more than ${mebibytes(limit)}.`);
    budget?.pay(size);
    return await file.readFile();
  } finally {
    await file.close();
  }
}
