/** Jupyter counts code points, JavaScript UTF-16 units; they differ after an emoji. */
export function toUtf16(text: string, codePoints: number): number {
  let unit = 0;
  for (let n = 0; n < codePoints && unit < text.length; n++) unit += text.codePointAt(unit)! > 0xffff ? 2 : 1;
  return unit;
}

export function toCodePoints(text: string, unit: number): number {
  return [...text.slice(0, unit)].length;
}
