// The slider in the browser: an anywidget over Jupyter's comms, which JupyterLab has (`anywidget` in .venv).
import type { NotebookHost } from "../runtime/host";

/** What a slider runs over. */
export interface Scale {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
  readonly unit: string;
}

const view = "application/vnd.jupyter.widget-view+json";

/**
 * Runs in the browser, and sees nothing but `model`. Moved, it waits for a moment without movement; what is drawn comes
 * back as `drawn`.
 */
const inBrowser = `export default { render({ model, el }) {
  const row = document.createElement("label"), name = document.createElement("span"),
    input = document.createElement("input"), shown = document.createElement("output"),
    state = document.createElement("span");
  // JupyterLab's own keys would take the arrows.
  input.dataset.lmSuppressShortcuts = "true";
  row.style.cssText = "display: flex; gap: 10px; align-items: center; padding: 4px 0;" +
    "font: var(--jp-ui-font-size1, 13px) var(--jp-ui-font-family, sans-serif); color: var(--jp-ui-font-color1)";
  input.style.cssText = "flex: 0 1 320px; min-width: 120px";
  shown.style.cssText = "min-width: 7ch; font-variant-numeric: tabular-nums";
  state.style.cssText = "color: var(--jp-ui-font-color2)";
  state.setAttribute("role", "status");
  name.textContent = model.get("label");
  Object.assign(input, { type: "range", min: model.get("min"), max: model.get("max"), step: model.get("step") });
  input.value = model.get("value");
  const words = (value) => Number(Number(value).toPrecision(6)) + (model.get("unit") && " " + model.get("unit"));
  let moved, late;
  const tell = () => {
    shown.textContent = words(input.value);
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  const put = () => {
    clearTimeout(moved);
    if (Number(input.value) === model.get("value")) return;
    model.set("value", Number(input.value));
    model.save_changes();
    state.textContent = "drawing …";
    clearTimeout(late);
    late = setTimeout(() => {
      state.textContent = "waiting for the kernel (was it restarted? then run the cell again)";
    }, 10000);
  };
  input.addEventListener("input", () => { tell(); clearTimeout(moved); moved = setTimeout(put, 150); });
  input.addEventListener("change", put);
  model.on("change:drawn", () => {
    clearTimeout(late);
    state.textContent = model.get("drawn") === model.get("value") ? "" : "drawing …";
  });
  model.on("change:value", () => { input.value = model.get("value"); tell(); });
  model.on("comm_live_status_update", () => {
    input.disabled = true;
    clearTimeout(late);
    state.textContent = "the kernel that drew this is gone: run the cell again";
  });
  tell();
  row.append(name, input, shown, state);
  el.append(row);
} };`;

/**
 * Shows a slider.
 * @param draw is called with each value that it is moved to, and what to call when that is drawn
 */
export function slider(
  host: NotebookHost,
  scale: Scale,
  draw: (value: number, done: (value: number) => void) => void,
): void {
  const own = { ...scale, drawn: scale.value };
  const state = {
    _model_module: "anywidget",
    _model_module_version: "*",
    _model_name: "AnyModel",
    _view_module: "anywidget",
    _view_module_version: "*",
    _view_name: "AnyView",
    _view_count: null,
    _dom_classes: [],
    _anywidget_id: "vitrine.explore",
    _esm: inBrowser,
  };
  const comm = host.comms!.open(
    "jupyter.widget",
    { state: { ...state, ...own }, buffer_paths: [] },
    { metadata: { version: "2.1.0" } },
  );
  const update = (changes: object): void => comm.send({ method: "update", state: changes, buffer_paths: [] });
  comm.onMessage(({ data }) => {
    if (data.method === "request_state") return update({ ...state, ...own });
    const value = (data.state as { value?: unknown } | undefined)?.value;
    if (data.method !== "update" || typeof value !== "number" || !(value >= scale.min && value <= scale.max)) return;
    own.value = value;
    draw(value, (drawn) => update({ drawn: (own.drawn = drawn) }));
  });
  host.display({
    [view]: { version_major: 2, version_minor: 0, model_id: comm.id },
    // What is read where the widget is not: in a saved notebook, say.
    "text/plain":
      `${scale.label}: a slider from ${scale.min} to ${scale.max}${scale.unit && ` ${scale.unit}`}. ` +
      "It moves while the kernel runs that drew this: run the cell.",
  });
}
