// Widgets: anywidget's models over Jupyter's comms, `widget({ state, render })` and a few that are ready to use.
import type { MimeBundle } from "./bundle";
import type { Comm, Comms } from "./comms";
import { bundleOf } from "./result";

type State = Record<string, unknown>;
type Listener = (state: State) => unknown;

/** What shows a value under a name, so that it can be replaced. */
export type Show = (bundle: MimeBundle, displayId: string, update: boolean) => void;

const TARGET = "jupyter.widget";
const PROTOCOL = { version: "2.1.0" };
const VIEW = "application/vnd.jupyter.widget-view+json";
const displayKey = Symbol.for("Jupyter.display");
/** Any anywidget that the front end has. */
const MODULE = { _model_module: "anywidget", _model_module_version: "*", _view_module: "anywidget" };

/** Read where there is no anywidget. */
const WHERE = "\nTo use it here: pip install anywidget where JupyterLab is, then reload the page";

/** A model that the kernel and all its views in the browser share. */
export class Widget {
  private readonly comm: Comm;
  private readonly listeners = new Set<Listener>();
  private current: State;

  constructor(comms: Comms, initial: State, esm: string, css?: string) {
    this.current = { ...initial };
    const state = {
      ...MODULE,
      _model_name: "AnyModel",
      _view_name: "AnyView",
      _view_module_version: "*",
      _view_count: null,
      _dom_classes: [],
      _anywidget_id: "vitrine.widget",
      _esm: esm,
      ...(css === undefined ? {} : { _css: css }),
      ...initial,
    };
    this.comm = comms.open(TARGET, { state, buffer_paths: [] }, { metadata: PROTOCOL });
    this.comm.onMessage(({ data }) => this.heard(data, state));
  }

  get state(): State {
    return { ...this.current };
  }

  set(changes: State): void {
    for (const name of Object.keys(changes))
      if (!Object.hasOwn(this.current, name))
        throw new TypeError(
          `widget.set: the state has no "${name}"; it has ${Object.keys(this.current).join(", ") || "nothing"}`,
        );
    Object.assign(this.current, changes);
    this.comm.send({ method: "update", state: changes, buffer_paths: [] });
    this.tell();
  }

  on(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  close(): void {
    this.comm.close();
  }

  [displayKey](): MimeBundle {
    return {
      "text/plain": `widget ${JSON.stringify(this.current)}${WHERE}`,
      [VIEW]: { version_major: 2, version_minor: 0, model_id: this.comm.id },
    };
  }

  private heard(data: Record<string, unknown>, open: State): void {
    if (data.method === "request_state")
      return this.comm.send({ method: "update", state: { ...open, ...this.current }, buffer_paths: [] });
    if (data.method !== "update") return;
    const changes = Object.entries((data.state ?? {}) as State).filter(([name]) => Object.hasOwn(this.current, name));
    if (changes.length === 0) return;
    Object.assign(this.current, Object.fromEntries(changes));
    this.tell();
  }

  private tell(): void {
    for (const listener of [...this.listeners]) void listener(this.state);
  }
}

/** Text of a module with that function as its `render`. It runs in the browser and sees nothing of the cell. */
function moduleOf(render: unknown): string {
  if (typeof render === "string") return render;
  if (typeof render !== "function")
    throw new TypeError(
      `widget: render must be a function of { model, el }, or the text of a module; got ` +
        `${render === null ? "null" : typeof render}`,
    );
  const text = Function.prototype.toString.call(render);
  // What was written as a method, `render({ model, el }) { … }`, has its name in its text.
  const isMethod = /^(async\s+)?(?!function\b|async\b)[\w$]+\s*\(/.test(text) && !/^(async\s*)?\([^]*?=>/.test(text);
  return isMethod ? `export default { ${text} };` : `export default { render: ${text} };`;
}

/** A part of the widget's text in the browser: a label, and an input beside it. */
const labelled = (input: string): string => `export default { render({ model, el }) {
  const row = document.createElement("label");
  row.style.cssText = "display: flex; gap: 8px; align-items: center; font: var(--jp-ui-font-size1, 13px) sans-serif;";
  const name = document.createElement("span");
  name.textContent = model.get("label");
  const put = (value) => { model.set("value", value); model.save_changes(); };
  ${input}
  // JupyterLab's own keys would take the arrows.
  input.dataset.lmSuppressShortcuts = "true";
  el.append(row);
} };`;

const SLIDER = labelled(`const input = document.createElement("input"), shown = document.createElement("output");
  Object.assign(input, { type: "range", min: model.get("min"), max: model.get("max"), step: model.get("step") });
  const update = () => { input.value = model.get("value"); shown.textContent = model.get("value"); };
  input.addEventListener("input", () => put(Number(input.value)));
  model.on("change:value", update);
  update();
  row.append(name, input, shown);`);

const DROPDOWN = labelled(`const input = document.createElement("select");
  for (const each of model.get("options")) input.append(new Option(each, each));
  const update = () => { input.value = model.get("value"); };
  input.addEventListener("change", () => put(input.value));
  model.on("change:value", update);
  update();
  row.append(name, input);`);

const BUTTON = labelled(`const input = document.createElement("button");
  input.append(name);
  input.addEventListener("click", () => put(model.get("value") + 1));
  row.append(input);`);

interface SliderOptions {
  label?: string;
  min?: number;
  max?: number;
  step?: number;
  value?: number;
}

/** `widget` in cells; its types stand in cell-globals.d.ts. */
export function widgetApi(comms: Comms, show: Show): object {
  const widget = ({ state = {}, render, css }: { state?: State; render?: unknown; css?: string } = {}): Widget =>
    new Widget(comms, state, moduleOf(render), css);
  const valued = (esm: string, state: State): object => {
    const made = new Widget(comms, state, esm);
    return Object.defineProperties(made, {
      value: { get: () => made.state.value, set: (value: unknown) => made.set({ value }), enumerable: true },
      redraw: { value: (draw: (value: unknown) => unknown) => redraw(made, draw, show) },
    });
  };
  return Object.assign(widget, {
    slider(options: SliderOptions = {}) {
      const { label = "", min = 0, max = 1 } = options;
      const { step = (max - min) / 100, value = min } = options;
      for (const [name, each] of Object.entries({ min, max, step, value }))
        if (!Number.isFinite(each)) throw new TypeError(`widget.slider: ${name} must be a number, got ${String(each)}`);
      if (!(min < max)) throw new RangeError(`widget.slider: min must be below max, got ${min} and ${max}`);
      if (value < min || value > max)
        throw new RangeError(`widget.slider: value must be from ${min} to ${max}, got ${value}`);
      return valued(SLIDER, { label, min, max, step, value });
    },
    dropdown({ label = "", options, value = options[0] }: { label?: string; options: string[]; value?: string }) {
      if (!options.includes(value))
        throw new RangeError(
          `widget.dropdown: value must be one of ` +
            `${options.join(", ") || "the options, of which there are none"}; got ${String(value)}`,
        );
      return valued(DROPDOWN, { label, options, value });
    },
    button({ label = "" } = {}) {
      return valued(BUTTON, { label, value: 0 });
    },
  });
}

let places = 0;

/** Shows what `draw` returns, and again in the same place whenever the value changes; the latest value wins. */
async function redraw(widget: Widget, draw: (value: unknown) => unknown, show: Show): Promise<void> {
  const id = `vitrine-redraw-${++places}`;
  let wanted = false,
    drawing = false;
  const once = async (update: boolean): Promise<void> => {
    const value = await draw(widget.state.value);
    show(value === undefined ? { "text/plain": "" } : await bundleOf(value), id, update);
  };
  await once(false);
  let last = widget.state.value;
  widget.on(async ({ value }) => {
    if (value === last && !wanted) return;
    last = value;
    wanted = true;
    if (drawing) return;
    drawing = true;
    try {
      while (wanted) {
        wanted = false;
        await once(true);
      }
    } finally {
      drawing = false;
    }
  });
}
