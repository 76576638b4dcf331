import {
  boundingBox,
  identity,
  matrixOf,
  multiplied,
  transformed,
  type Box,
  type Matrix,
  type SvgElement,
  numberPattern,
} from "./svg-geometry";

/** An element of a page's. */
export interface ChangeableElement extends SvgElement {
  setAttribute(name: string, value: string): void;
  remove(): void;
}

/** Coordinates further away, in pixels, are as good as there. */
const farthest = 1e5;
const shapes = new Set(["path", "circle", "rect", "image", "text"]);
/** What stands in them is drawn elsewhere, or not at all. */
const apart = new Set(["defs", "clippath", "style"]);

/**
 * Takes out of an SVG what lies further outside than the picture is large, and shortens what reaches very far. A
 * browser sees to that by itself. resvg stops where a half transparent element lies more than two pictures away (a
 * marker that a range leaves out), or where a coordinate does not fit into 32 bits.
 */
export function withoutFarOutside(svg: ChangeableElement): void {
  const width = Number(svg.getAttribute("width")),
    height = Number(svg.getAttribute("height"));
  const near = ({ x, y, width: wide, height: tall }: Box): boolean =>
    x <= 2 * width &&
    x + wide >= -width &&
    y <= 2 * height &&
    y + tall >= -height &&
    Math.max(wide, tall) <= 4 * farthest;
  const walk = (element: ChangeableElement, above: Matrix): void => {
    const name = element.tagName.toLowerCase();
    if (apart.has(name)) return;
    const matrix = multiplied(above, matrixOf(element));
    if (name === "path") shorten(element, matrix, { width, height });
    if (!shapes.has(name)) elementsOf(element).forEach((child) => walk(child, matrix));
    // Texts take long to measure: most begin inside.
    else if (name === "text" && near(transformed(startOf(element), matrix))) return;
    else if (!near(transformed(boundingBox(element), matrix))) element.remove();
  };
  walk(svg, identity);
}

const elementsOf = (element: ChangeableElement): ChangeableElement[] =>
  (Array.from(element.childNodes) as ChangeableElement[]).filter(({ nodeType }) => nodeType === 1);

const startOf = (text: SvgElement): Box => ({
  x: Number(text.getAttribute("x")),
  y: Number(text.getAttribute("y")),
  width: 0,
  height: 0,
});

/** Bars and rectangles are cut near the picture: resvg draws half transparent ones that reach further elsewhere. */
function shorten(path: ChangeableElement, matrix: Matrix, { width, height }: { width: number; height: number }): void {
  const d = path.getAttribute("d") ?? "",
    [a, b, c, e, left, top] = matrix;
  // Nearly all are short already.
  if (!/\d{3}|e\+/.test(d)) return;
  const upright = a === 1 && b === 0 && c === 0 && e === 1 && /^[MHVZ][-+.,e\dMHVZ\s]*$/.test(d);
  const within = (value: string, from: number, to: number): string =>
    String(Math.max(from, Math.min(to, Number(value))));
  const x = (value: string): string => within(value, -width - left, 2 * width - left);
  const y = (value: string): string => within(value, -height - top, 2 * height - top);
  const shorter = upright
    ? d.replace(/([MHV])([^MHVZ]*)/g, (_, command: string, rest: string) => {
        const numbers = rest.match(numberPattern) ?? [];
        return command + numbers.map((text, i) => (command === "V" || i % 2 ? y(text) : x(text))).join();
      })
    : d.replace(numberPattern, (text) => within(text, -farthest, farthest));
  if (shorter !== d) path.setAttribute("d", shorter);
}
