// Plotly in a page without a browser.
import { needed } from "../../core/needed";
import { toBase64 } from "../../core/base64";
import { readFileSync } from "node:fs";
import { canvas as chosenCanvas } from "../../data/image-decoders";
import { quickPng } from "../../data/image-files";
import { withoutFarOutside, type ChangeableElement } from "./far-outside";
import {
  boundingBox,
  clientBox,
  textLength,
  type Box,
  type SvgElement,
  pathLength,
  pathPoints,
  pointAlong,
} from "./svg-geometry";

/** The part of Plotly that pictures need. */
export interface PlotlyLibrary {
  readonly version: string;
  toImage(
    figure: object,
    options: { format: "svg"; imageDataOnly: true; width?: number; height?: number },
  ): Promise<string>;
}

/** A page without a browser, in which Plotly has been loaded. */
export interface PlotlyPage {
  readonly plotly: PlotlyLibrary;
  /** A copy of a JSON value made of the page's own arrays and objects. */
  adopt(value: unknown): object;
  /** Removes what a failed plot left behind. */
  clear(): void;
}

type Constructor = { prototype: Record<string, unknown> };
type Window = Record<"HTMLCanvasElement" | "SVGElement" | "Element" | "XMLSerializer", Constructor> & {
  document: { body: { replaceChildren(): void } };
  JSON: JSON;
  URL: Record<string, unknown>;
  CSS: unknown;
  Image: unknown;
  TextDecoder: unknown;
  TextEncoder: unknown;
  Plotly: PlotlyLibrary;
  eval(source: string): unknown;
};
type NativeContext = { getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray } };
type NativeCanvas = { width: number; height: number; getContext(kind: "2d"): NativeContext };
type CanvasElement = { width: number; height: number };

interface JsdomLibrary {
  JSDOM: new (html: string, options: object) => { window: Window };
  VirtualConsole: new () => object;
}

let page: PlotlyPage | undefined;

/** The page, opened at the first call (about a second) and kept. */
export function plotlyPage(): PlotlyPage {
  return (page ??= openPage());
}

function openPage(): PlotlyPage {
  // Required here, not imported: who draws nothing should not wait for it, and its types would bring the DOM's.
  const what = "Drawing a figure in Node";
  const { JSDOM, VirtualConsole } = needed("jsdom", what, () => require("jsdom") as JsdomLibrary);
  // Nobody listens to this console: Plotly says the same thing a hundred times there, each with a stack.
  const page = { runScripts: "outside-only", pretendToBeVisual: true, virtualConsole: new VirtualConsole() };
  const { window } = new JSDOM("<!doctype html><body></body>", page);
  addWhatIsMissing(window);
  putCanvasBehind(window.HTMLCanvasElement.prototype);
  measureWith(window);
  tidyBeforeWriting(window.XMLSerializer.prototype);
  const script = needed("plotly.js-dist", what, () => require.resolve("plotly.js-dist"));
  window.eval(asFunction(readFileSync(script, "utf8")));
  return {
    plotly: window.Plotly,
    adopt: (value) => window.JSON.parse(JSON.stringify(value)) as object,
    clear: () => window.document.body.replaceChildren(),
  };
}

/**
 * A script as a function that gets the language's own objects as arguments. jsdom's window answers for each global
 * name by way of an interceptor; a heatmap asks for `Math` several times a pixel, which took two thirds of its time.
 */
function asFunction(script: string): string {
  const names = "Math, Number, Array, Object, String, Uint8Array, isNaN, isFinite, parseFloat";
  return `(function (${names}) {${script}\n})(${names});`;
}

function addWhatIsMissing(window: Window): void {
  window.URL.createObjectURL = () => "";
  window.TextDecoder = TextDecoder;
  window.TextEncoder = TextEncoder;
  // So that a heatmap becomes an image of one pixel per value, which stays sharp at any scale.
  window.CSS = { supports: () => true };
  // Pictures go into the SVG as data URLs; Plotly only waits for them to be loaded.
  window.Image = class {
    onload?: () => void;
    set src(_url: string) {
      queueMicrotask(() => this.onload?.());
    }
    setAttribute(name: string, value: string): void {
      if (name === "src") this.src = value;
    }
  };
}

function putCanvasBehind(element: Record<string, unknown>): void {
  const canvases = new WeakMap<CanvasElement, NativeCanvas>();
  const behind = (el: CanvasElement): NativeCanvas => {
    let canvas = canvases.get(el);
    if (!canvas || canvas.width !== el.width || canvas.height !== el.height) {
      canvas = chosenCanvas().library.createCanvas(
        Math.max(1, el.width),
        Math.max(1, el.height),
      ) as unknown as NativeCanvas;
      canvases.set(el, canvas);
    }
    return canvas;
  };
  element.getContext = function (this: CanvasElement, kind: string) {
    return kind === "2d" ? Object.assign(behind(this).getContext("2d"), { drawImage: () => undefined }) : null;
  };
  element.toDataURL = function (this: CanvasElement) {
    const canvas = behind(this),
      { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    // A canvas packs as small as it can, which took a third of the time of a heatmap's picture.
    const png = quickPng({ height, width, data: new Uint8Array(data) });
    return `data:image/png;base64,${toBase64(png)}`;
  };
}

/** Plotly writes a figure as it stands in the page; this is the last moment in which it is elements and not text. */
function tidyBeforeWriting(serializer: Record<string, unknown>): void {
  const write = serializer.serializeToString as (this: unknown, root: ChangeableElement) => string;
  serializer.serializeToString = function (root: ChangeableElement): string {
    if (root.tagName === "svg") withoutFarOutside(root);
    return write.call(this, root);
  };
}

/** jsdom lays nothing out: every size is 0 there. Plotly needs the sizes of texts and of what is around them. */
function measureWith(window: Window): void {
  const rectangle = (box: Box) => ({
    ...box,
    left: box.x,
    top: box.y,
    right: box.x + box.width,
    bottom: box.y + box.height,
  });
  const points = (element: SvgElement) => pathPoints(element.getAttribute("d") ?? "");
  Object.assign(window.SVGElement.prototype, {
    getTotalLength(this: SvgElement) {
      return pathLength(points(this));
    },
    getPointAtLength(this: SvgElement, length: number) {
      const [x, y] = pointAlong(points(this), length);
      return { x, y };
    },
    getBBox(this: SvgElement) {
      return rectangle(boundingBox(this));
    },
    getComputedTextLength(this: SvgElement) {
      return textLength(this);
    },
    getBoundingClientRect(this: SvgElement) {
      return rectangle(clientBox(this));
    },
  });
}
