/** Characters that XML does not have: of control characters, halves of surrogate pairs and non-characters. */
const notXml = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/**
 * Mends what jsdom and resvg understand otherwise than a browser. Plotly hides quotes inside styles behind a marker
 * that it takes out again by the quotes a browser's serializer writes beside it; jsdom's writes none, and a marker
 * left in `fill: url(…)` paints a colour bar black. resvg knows `pixelated` by its older name.
 * @param sharp data URLs of images whose pixels stay sharp
 */
export function readableByResvg(svg: string, sharp: readonly string[] = []): string {
  let readable = svg
    .replace(notXml, "")
    .replace(/(?:&quot;|")?TOBESTRIPPED(?:&quot;|")?/g, "'")
    .replace(/url\((?:&quot;|')#([^)]*?)(?:&quot;|')\)/g, "url(#$1)")
    .replace(/image-rendering: pixelated/g, "image-rendering: optimizeSpeed");
  for (const source of new Set(sharp))
    readable = readable.replaceAll(`xlink:href="${source}"`, `image-rendering="optimizeSpeed" xlink:href="${source}"`);
  return readable;
}
