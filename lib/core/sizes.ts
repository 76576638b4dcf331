/** A file size for people: `5.1 kB`, `26.4 MB`. */
export function sizeInWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const unit = bytes < 1e6 ? "kB" : bytes < 1e9 ? "MB" : "GB";
  const value = bytes / (unit === "kB" ? 1e3 : unit === "MB" ? 1e6 : 1e9);
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${unit}`;
}
