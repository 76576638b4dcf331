// Figures in the width there is and in the theme's colours, drawn when they come into view; alternative text for
// pictures. Plotly's own extension has the drawing; what it shows of a figure until the pointer comes is a picture, which
// keeps the width and the white ground it was made with.

const PLOTLY = "application/vnd.plotly.v1+json",
  WIDGET = "application/vnd.jupyter.widget-view+json",
  PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"];

/** Has every notebook's figures and pictures pass through here; whenever a renderer is added, also later. */
export function improveFigures(registry) {
  const add = registry.addFactory;
  const adapt = (mime, adapted) => {
    const factory = registry.getFactory(mime);
    if (!factory || factory.vitrine) return;
    const createRenderer = (options) => {
      const renderer = factory.createRenderer(options);
      adapted(renderer);
      return renderer;
    };
    add.call(registry, { ...factory, mimeTypes: [mime], createRenderer, vitrine: true }, registry.getRank?.(mime));
  };
  const all = () => {
    adapt(PLOTLY, adaptFigure);
    for (const mime of PICTURES) adapt(mime, describePicture);
    adapt(WIDGET, explainWidget);
  };
  // Each notebook has a copy, to which what shows widgets is added.
  const clone = registry.clone;
  registry.clone = function (...options) {
    const copy = clone.apply(registry, options);
    improveFigures(copy);
    return copy;
  };
  registry.addFactory = function (factory, rank) {
    add.call(registry, factory, rank);
    if (!factory.vitrine) all();
  };
  all();
}

/** What the text beside a picture says, for those who cannot see it. */
function words(data) {
  const text = [data["text/plain"] ?? ""].flat().join("").trim();
  return text === "" || text.startsWith("<") ? "Figure" : text;
}

/** Without the kernel that made it a widget has no model: in place of an error, what the text beside it says. */
function explainWidget(renderer) {
  const render = renderer.renderModel;
  renderer.renderModel = async function (model) {
    const text = words(model.data),
      explain = () => {
        const { node } = this,
          dead = text !== "Figure" && /^(Error displaying|Loading) widget/.test(node.textContent);
        if (dead) node.textContent = text;
        node.classList.toggle("vitrine-dead-widget", dead || node.textContent === text);
      };
    // Where there is no kernel this does not end.
    const rendered = render.call(this, model);
    explain();
    await rendered;
    explain();
  };
}

function describePicture(renderer) {
  const render = renderer.renderModel;
  renderer.renderModel = async function (model) {
    await render.call(this, model);
    this.node.querySelector("img")?.setAttribute("alt", words(model.data));
    this.node.querySelector("svg")?.setAttribute("aria-label", words(model.data));
  };
}

/** Traces and layout for a width: the widest layout that fits, else the narrowest there is. */
export function figureFor({ data, layout, narrow }, width) {
  if (!narrow || layout.width <= width) return { data, layout };
  return { data: data.map((trace, i) => ({ ...trace, ...narrow.traces?.[i] })), layout: narrow.layout };
}

function adaptFigure(renderer) {
  const { node, constructor: kind } = renderer;
  // Of a later version of Plotly's extension nothing is known: it draws as it will.
  if (typeof kind.prototype.createGraph !== "function" || !("loadingPlotly" in kind)) return;
  let figure,
    drawn,
    seen = false,
    drawing = Promise.resolve();
  const picture = node.querySelector("img");
  picture?.classList.add("vitrine-still");
  const width = () => node.clientWidth - padding(node);

  async function draw() {
    const Plotly = await loaded(kind),
      now = figure;
    if (!now || renderer.isDisposed || width() <= 0) return;
    const { data, layout } = figureFor(now, width());
    if (drawn?.figure === now && drawn.layout === layout) return fit();
    // Plotly writes into what it is given.
    const own = structuredClone({ data, layout });
    // What does not say how wide it is takes the width there is.
    if (layout.width === undefined) own.layout.width = width();
    await Plotly.react(node, own.data, own.layout, now.config);
    if (now.frames) await Plotly.addFrames(node, structuredClone(now.frames));
    drawn = { figure: now, layout };
    renderer.hideImage();
    renderer.showGraph();
    fit();
  }

  /** Narrower than the narrowest: smaller as a whole. */
  function fit() {
    const plot = node.querySelector(".plot-container"),
      whole = drawn?.layout.width;
    if (!plot || !whole) return;
    const share = Math.min(1, width() / whole);
    plot.style.transformOrigin = "0 0";
    plot.style.transform = share < 1 ? `scale(${share})` : "";
    node.style.height = share < 1 ? `${share * drawn.layout.height}px` : "";
  }

  const again = () => (drawing = drawing.then(draw).catch((error) => console.error(error)));

  renderer.renderModel = async (given) => {
    // A model's data are another copy each time.
    const data = given.data;
    figure = data[PLOTLY];
    node.setAttribute("role", "img");
    node.setAttribute("aria-label", words(data));
    const still = data["image/png"];
    if (!drawn && still && picture) {
      picture.alt = words(data);
      picture.src = `data:image/png;base64,${[still].flat().join("")}`;
      picture.style.display = "block";
    }
    if (seen || !still) await again();
  };
  // The pointer came, or JupyterLab wants it drawn: as here.
  renderer.createGraph = again;
  renderer.onUpdateRequest = renderer.onResize = renderer.onAfterShow = () => seen && void again();

  const view = new IntersectionObserver(
    (entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      seen = true;
      view.disconnect();
      void again();
    },
    { rootMargin: "300px" },
  );
  view.observe(node);
  const sizes = new ResizeObserver(() => seen && void again());
  sizes.observe(node);
  const dispose = renderer.dispose;
  renderer.dispose = function () {
    view.disconnect();
    sizes.disconnect();
    dispose.call(this);
  };
}

const padding = (node) => {
  const { paddingLeft, paddingRight } = getComputedStyle(node);
  return parseFloat(paddingLeft) + parseFloat(paddingRight);
};

/** Plotly itself, which its extension loads with the first figure that it draws: an empty one that nobody sees. */
async function loaded(kind) {
  if (!kind.Plotly) {
    const nothing = { _mimeType: PLOTLY, node: document.createElement("div") };
    for (const each of ["showGraph", "hideImage", "update"]) nothing[each] = () => undefined;
    kind.prototype.createGraph.call(nothing, { data: { [PLOTLY]: { data: [], layout: { width: 10, height: 10 } } } });
    await kind.loadingPlotly;
  }
  return kind.Plotly;
}
