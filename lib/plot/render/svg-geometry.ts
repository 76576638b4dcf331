// Sizes and places in an SVG, for Plotly, which asks a browser for them.
import { faceOf } from "../faces";
import { lineExtent, textWidth } from "../font-metrics";

/** The part of an SVG element's interface that measuring needs. */
export interface SvgElement {
  readonly nodeType: number;
  readonly tagName: string;
  readonly textContent: string | null;
  readonly parentNode: SvgElement | null;
  readonly childNodes: ArrayLike<SvgElement>;
  readonly style?: { getPropertyValue(name: string): string };
  getAttribute(name: string): string | null;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** [a, b, c, d, e, f] of an SVG matrix: x' = a x + c y + e, y' = b x + d y + f. */
export type Matrix = readonly [number, number, number, number, number, number];

const nothing: Box = { x: 0, y: 0, width: 0, height: 0 };
export const identity: Matrix = [1, 0, 0, 1, 0, 0];

/** What a browser's getBBox gives: the element's extent in its own coordinates, its own transform left out. */
export function boundingBox(element: SvgElement): Box {
  switch (element.tagName.toLowerCase()) {
    case "text":
    case "tspan":
      return textBox(element);
    case "path":
      return extent(pathPoints(element.getAttribute("d") ?? ""));
    case "circle": {
      const r = number(element, "r");
      return { x: number(element, "cx") - r, y: number(element, "cy") - r, width: 2 * r, height: 2 * r };
    }
    case "rect":
    case "image":
      return {
        x: number(element, "x"),
        y: number(element, "y"),
        width: number(element, "width"),
        height: number(element, "height"),
      };
    case "defs":
    case "clippath":
      return nothing;
    default:
      return union(elementsIn(element).map((child) => transformed(boundingBox(child), matrixOf(child))));
  }
}

/** What getBoundingClientRect gives in a page whose SVG stands at the origin. */
export function clientBox(element: SvgElement): Box {
  let box = boundingBox(element);
  for (let at: SvgElement | null = element; at?.getAttribute; at = at.parentNode) box = transformed(box, matrixOf(at));
  return box;
}

/** What getComputedTextLength gives: the text's advance in pixels, its longest line if there are several. */
export function textLength(element: SvgElement): number {
  const lines = linesOf(element);
  return Math.max(...(lines.length ? lines : [element]).map(lineWidth));
}

function textBox(element: SvgElement): Box {
  if (!element.textContent) return nothing;
  const lines = linesOf(element);
  return union(
    (lines.length ? lines : [element]).map((line) => {
      const { above, below } = lineExtent(fontSize(line), faceOf(font(line)));
      const width = lineWidth(line);
      const anchor = inherited(line, "text-anchor");
      const x = inheritedNumber(line, "x") - (anchor === "middle" ? width / 2 : anchor === "end" ? width : 0);
      const baseline = inheritedNumber(line, "y") + parseFloat(line.getAttribute("dy") ?? "0") * fontSize(line);
      return { x, y: baseline - above, width, height: above + below };
    }),
  );
}

/** Plotly marks the lines of a broken text with this class. */
const linesOf = (element: SvgElement): SvgElement[] =>
  elementsIn(element).filter((child) => child.getAttribute("class") === "line");

function lineWidth(node: SvgElement): number {
  let width = 0;
  for (const child of Array.from(node.childNodes)) {
    width +=
      child.nodeType === 3 ? textWidth(child.textContent ?? "", fontSize(node), faceOf(font(node))) : lineWidth(child);
  }
  return width;
}

const fontSize = (element: SvgElement): number => parseFloat(inherited(element, "font-size") ?? "") || 12;
const font = (element: SvgElement) => ({
  family: inherited(element, "font-family"),
  weight: inherited(element, "font-weight"),
  style: inherited(element, "font-style"),
});

/** A style or presentation attribute, the nearest one upwards. */
function inherited(element: SvgElement, name: string): string | undefined {
  for (let at: SvgElement | null = element; at?.getAttribute; at = at.parentNode) {
    const value = at.style?.getPropertyValue(name) || at.getAttribute(name);
    if (value) return value;
  }
  return undefined;
}

function inheritedNumber(element: SvgElement, name: string): number {
  return parseFloat(element.getAttribute(name) ?? element.parentNode?.getAttribute?.(name) ?? "") || 0;
}

const number = (element: SvgElement, name: string): number => parseFloat(element.getAttribute(name) ?? "") || 0;
const elementsIn = (element: SvgElement): SvgElement[] =>
  Array.from(element.childNodes).filter((child) => child.nodeType === 1);

function extent(points: readonly Point[]): Box {
  if (points.length === 0) return nothing;
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

const corners = ({ x, y, width, height }: Box): Point[] => [
  [x, y],
  [x + width, y],
  [x, y + height],
  [x + width, y + height],
];
const union = (boxes: readonly Box[]): Box =>
  extent(boxes.filter(({ width, height }) => width > 0 || height > 0).flatMap(corners));
export const transformed = (box: Box, m: Matrix): Box =>
  extent(corners(box).map(([x, y]) => [m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]]));

export function matrixOf(element: SvgElement): Matrix {
  let product = identity;
  for (const [, name, args] of (element.getAttribute("transform") ?? "").matchAll(/(\w+)\(([^)]*)\)/g)) {
    product = multiplied(
      product,
      elementary(
        name,
        args
          .split(/[\s,]+/)
          .filter(Boolean)
          .map(Number),
      ),
    );
  }
  return product;
}

function elementary(name: string, [p = 0, q, r = 0, ...rest]: readonly number[]): Matrix {
  if (name === "translate") return [1, 0, 0, 1, p, q ?? 0];
  if (name === "scale") return [p, 0, 0, q ?? p, 0, 0];
  if (name === "matrix") return [p, q ?? 0, r, rest[0], rest[1], rest[2]];
  if (name !== "rotate") return identity;
  const [cos, sin] = [Math.cos((p * Math.PI) / 180), Math.sin((p * Math.PI) / 180)];
  const cx = q ?? 0;
  return [cos, sin, -sin, cos, cx - cos * cx + sin * r, r - sin * cx - cos * r];
}

export function multiplied(m: Matrix, n: Matrix): Matrix {
  return [
    m[0] * n[0] + m[2] * n[1],
    m[1] * n[0] + m[3] * n[1],
    m[0] * n[2] + m[2] * n[3],
    m[1] * n[2] + m[3] * n[3],
    m[0] * n[4] + m[2] * n[5] + m[4],
    m[1] * n[4] + m[3] * n[5] + m[5],
  ];
}

type Point = readonly [x: number, y: number];

/** A number, as JavaScript writes it: also 1e+21. */
export const numberPattern = /-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/g;

/**
 * The points of a path's `d`, in order; of curves the control points too, so an extent made of them is never too small.
 */
export function pathPoints(d: string): Point[] {
  const points: Point[] = [];
  let [x, y] = [0, 0];
  for (const [, command, rest] of d.matchAll(/([a-df-zA-DF-Z])([^a-df-zA-DF-Z]*)/g)) {
    const numbers = (rest.match(numberPattern) ?? []).map(Number);
    const upper = command.toUpperCase();
    const [fromX, fromY] = command === upper ? [0, 0] : [x, y];
    const step = upper === "H" || upper === "V" ? 1 : upper === "A" ? 7 : 2;
    for (let i = 0; i + step <= numbers.length; i += step) {
      if (upper !== "V") x = fromX + numbers[i + (upper === "A" ? 5 : 0)];
      if (upper !== "H") y = fromY + numbers[i + step - 1];
      points.push([x, y]);
    }
    if (upper === "Z" && points.length) points.push(points[0]);
  }
  return points;
}

/** The length of the straight lines through a path's points: exact for the lines and arrows that Plotly measures. */
export function pathLength(points: readonly Point[]): number {
  return points.slice(1).reduce((sum, point, i) => sum + distance(points[i], point), 0);
}

/** The point `length` along those lines, from 0 to their whole length. */
export function pointAlong(points: readonly Point[], length: number): Point {
  let left = Math.max(0, length);
  for (let i = 1; i < points.length; i++) {
    const piece = distance(points[i - 1], points[i]);
    if (left <= piece && piece > 0) {
      const [from, to] = [points[i - 1], points[i]];
      return [from[0] + ((to[0] - from[0]) * left) / piece, from[1] + ((to[1] - from[1]) * left) / piece];
    }
    left -= piece;
  }
  return points[points.length - 1] ?? [0, 0];
}

const distance = (a: Point, b: Point): number => Math.hypot(b[0] - a[0], b[1] - a[1]);
