/** A kind of picture file, told by its first bytes, whatever its name ends with. */
export type ImageFormat = "PNG" | "JPEG" | "WebP" | "AVIF" | "GIF" | "TIFF" | "HEIC";

/** In messages and help: what a file of pictures may be. */
export const readFormats = "PNG, JPEG, WebP, AVIF, GIF or TIFF";

/** The same by the endings of their names, and with arrays. */
export const pictureEndings = ".png, .jpg, .webp, .avif, .gif or .tif";
export const readEndings = `.npy, ${pictureEndings}`;

/** The names of files that are taken for pictures. */
export const pictureEnding = /\.(png|jpe?g|webp|avif|gif|tiff?)$/i;

export function imageFormat(bytes: Uint8Array): ImageFormat | undefined {
  const start = Buffer.from(bytes.subarray(0, 32)).toString("latin1");
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return "PNG";
  if (start.startsWith("\xff\xd8")) return "JPEG";
  if (/^RIFF.{4}WEBP/s.test(start)) return "WebP";
  if (/^GIF8[79]a/.test(start)) return "GIF";
  // Little-endian and big-endian; with 43, of more than 4 GiB.
  if (/^(II[*+]\0|MM\0[*+])/.test(start)) return "TIFF";
  if (/^.{4}ftypavi[fs]/s.test(start)) return "AVIF";
  // A container that names what it holds among its further brands.
  if (/^.{4}ftypmi[fa]1/s.test(start)) return start.slice(16).includes("avif") ? "AVIF" : "HEIC";
  return /^.{4}ftyphe[iv]/s.test(start) ? "HEIC" : undefined;
}
