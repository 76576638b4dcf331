// The faces that text is set in.

/** The faces that pictures are drawn with, so that they look the same on every machine, also on one without fonts. */
export const faces = {
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

/** Which face stands for a CSS font: only monospaced, bold and italic are told apart. */
export function faceOf(font: { family?: string; weight?: string | number; style?: string }): Face {
  const bold = font.weight === "bold" || font.weight === "bolder" || Number(font.weight) >= 600;
  if (/mono|courier|consol/i.test(font.family ?? "")) return bold ? "mono-bold" : "mono";
  const italic = /italic|oblique/.test(font.style ?? "");
  return bold ? (italic ? "sans-bold-italic" : "sans-bold") : italic ? "sans-italic" : "sans";
}
