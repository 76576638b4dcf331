import { join, dirname } from "node:path";

/** The faces that pictures are drawn with, so that they look the same on every machine, also on one without fonts. */
const faces = {
  sans: "DejaVuSans.ttf",
  "sans-bold": "DejaVuSans-Bold.ttf",
  "sans-italic": "DejaVuSans-Oblique.ttf",
  "sans-bold-italic": "DejaVuSans-BoldOblique.ttf",
  mono: "DejaVuSansMono.ttf",
  "mono-bold": "DejaVuSansMono-Bold.ttf",
} as const;

export type Face = keyof typeof faces;

/** Family names as resvg finds them inside the files. */
export const sansFamily = "DejaVu Sans";
export const monoFamily = "DejaVu Sans Mono";

/** The path of a face's TrueType file. */
export function fontFile(face: Face): string {
  return join(dirname(require.resolve("dejavu-fonts-ttf/package.json")), "ttf", faces[face]);
}

export const fontFiles = (): string[] => (Object.keys(faces) as Face[]).map(fontFile);

/** Which face stands for a CSS font: only monospaced, bold and italic are told apart. */
export function faceOf(font: { family?: string; weight?: string | number; style?: string }): Face {
  const bold = font.weight === "bold" || font.weight === "bolder" || Number(font.weight) >= 600;
  if (/mono|courier|consol/i.test(font.family ?? "")) return bold ? "mono-bold" : "mono";
  const italic = /italic|oblique/.test(font.style ?? "");
  return bold ? (italic ? "sans-bold-italic" : "sans-bold") : italic ? "sans-italic" : "sans";
}
