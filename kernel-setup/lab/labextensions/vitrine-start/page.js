// The page itself: the sheets in order, what each is about, how far the student's copy is, and what one can do with it.

/** An element with attributes and children; nothing here is ever read as HTML. */
function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child instanceof Node || typeof child === "string"));
  return made;
}

const NO_CHROMIUM =
  "For PDF neither Chromium nor Chrome was found: export HTML, open that page and print it from your browser.";

/** What stands above a command's output. */
const words = {
  check: {
    busy: "Your code and the checks are running …",
    well: "Every check passes.",
    not: "Not every check passes yet:",
  },
  submit: { busy: "Packing what you hand in …", well: "Packed.", not: "It could not be packed:" },
  doctor: { busy: "Looking at what is set up …", well: "What is set up:", not: "What is set up, and what is missing:" },
};

const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
const isWritten = ({ written }) => written === "written";
const labelOf = (id) => id.replace(/-/g, " ").replace(/^./, (letter) => letter.toUpperCase());

/** A task with the check that follows it, in words; a sheet has one check for a task, or a check for several. */
function taskMarks({ tasks, checks }) {
  return tasks.map((task, i) => {
    const check = checks.find(({ id }) => id.replace("check", "task") === task.id) ?? checks[i];
    const name = labelOf(task.id);
    if (task.written === "missing") return { name, kind: "bad", words: "cell is missing" };
    if (task.written === "untouched") return { name, kind: "open", words: "not written yet" };
    if (check?.state === "passed") return { name, kind: "good", words: "check passes" };
    if (check?.state === "failed") return { name, kind: "bad", words: "check fails" };
    if (check?.state === "outdated") return { name, kind: "half", words: "changed since its check" };
    return { name, kind: "half", words: "written, not checked" };
  });
}

function answerMarks({ answers }) {
  return answers
    .filter(({ bonus, written }) => !bonus || written === "written")
    .map(({ id, written }) => ({
      name: labelOf(id),
      kind: written === "written" ? "good" : written === "missing" ? "bad" : "open",
      words: written === "written" ? "written" : written === "missing" ? "cell is missing" : "missing",
    }));
}

/** What of a sheet a check depends on. */
const stateOf = (sheet) => JSON.stringify(taskMarks(sheet));

const signs = { good: "✓", bad: "✗", half: "◐", open: "○" };
const markOf = ({ name, kind, words }) =>
  el(
    "li",
    { class: `vitrine-mark vitrine-${kind}` },
    el("span", { "aria-hidden": "true" }, signs[kind]),
    ` ${name}: ${words}`,
  );

/** The stage in a word or two. */
function stageOf({ stage, packed, problem, file }) {
  if (problem) return ["bad", "cannot be read"];
  if (!file) return ["open", "not in this folder"];
  if (packed?.current) return stage === "done" ? ["good", "packed to hand in"] : ["half", "packed, not all done"];
  if (packed) return ["half", "changed since it was packed"];
  return stage === "done"
    ? ["good", "done, not packed yet"]
    : stage === "begun"
      ? ["half", "begun"]
      : ["open", "not begun"];
}

function countsOf({ tasks, checks, answers }) {
  const asked = answers.filter(({ bonus }) => !bonus),
    missing = asked.filter((each) => !isWritten(each)).length;
  return [
    `${tasks.filter(isWritten).length} of ${plural(tasks.length, "task")} written`,
    `${checks.filter(({ state }) => state === "passed").length} of ${plural(checks.length, "check")} passed`,
    missing === 0 ? "no answer missing" : `${plural(missing, "answer")} missing`,
  ];
}

export function makePage({ server, app, documents }) {
  const status = el("p", { class: "vitrine-status", role: "status" }),
    list = el("ol", { class: "vitrine-sheets" }),
    refreshButton = el("button", { class: "vitrine-button", onclick: () => void refresh() }, "Refresh");
  const node = el(
    "div",
    { class: "vitrine-start", tabindex: "-1" },
    el(
      "header",
      {},
      el("h1", {}, "Vitrine"),
      el("p", {}, "One notebook for each sheet: open it, write what it asks for, run the check below each task."),
      refreshButton,
    ),
    status,
    list,
    help(app),
  );
  const doctorOutput = el("div", { class: "vitrine-output-place" });
  node.append(doctorOutput);
  const noChromium = el("p", { class: "vitrine-status" });
  node.append(noChromium);
  let known = [],
    pdf = false,
    asking,
    again = false,
    running;
  /** What commands have said, by sheet: it stays while the list is drawn again. */
  const outputs = new Map();

  async function refresh() {
    // One at a time; what is asked for meanwhile is asked once more.
    if (asking) return ((again = true), asking);
    asking = (async () => {
      refreshButton.disabled = true;
      try {
        ({ sheets: known, pdf } = await server.state());
        status.textContent = "";
        noChromium.textContent = pdf ? "" : NO_CHROMIUM;
        draw();
      } catch (error) {
        status.textContent = `How far your sheets are could not be found out: ${error.message}.`;
      } finally {
        refreshButton.disabled = false;
        asking = undefined;
      }
    })();
    await asking;
    if (again) {
      again = false;
      await refresh();
    }
  }

  function draw() {
    // The button that was pressed stays where the keyboard is.
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
    list.replaceChildren(...known.map(card));
    if (focused) list.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  function card(sheet) {
    const { name, title, about, points, time, path, problem, stage, packed } = sheet,
      [kind, stageWords] = stageOf(sheet);
    const here = path && !problem;
    const button = (label, caption, action, wanted = true) =>
      wanted &&
      el(
        "button",
        {
          class: "vitrine-button",
          title: caption,
          "data-key": `${name} ${label}`,
          disabled: running !== undefined,
          onclick: action,
        },
        label,
      );
    return el(
      "li",
      { class: "vitrine-sheet", "data-sheet": name },
      el(
        "div",
        { class: "vitrine-head" },
        el(
          "h2",
          {},
          path
            ? el(
                "a",
                {
                  href: "#",
                  "data-key": `${name} title`,
                  onclick: (event) => (event.preventDefault(), openSheet(sheet)),
                },
                title,
              )
            : title,
        ),
        el("span", { class: `vitrine-stage vitrine-${kind}` }, stageWords),
      ),
      el("p", { class: "vitrine-facts" }, [plural(points, "point"), time, path].filter(Boolean).join(" · ")),
      el("p", { class: "vitrine-about" }, about),
      problem && el("p", { class: "vitrine-bad" }, problem),
      !path && el("p", {}, "npm start copies it here."),
      here && stage !== "not begun" && el("p", { class: "vitrine-counts" }, countsOf(sheet).join(" · ")),
      here &&
        stage !== "not begun" &&
        el("ul", { class: "vitrine-marks" }, ...taskMarks(sheet).map(markOf), ...answerMarks(sheet).map(markOf)),
      packed && el("p", { class: "vitrine-packed" }, ...packedWords(packed)),
      here &&
        el(
          "p",
          { class: "vitrine-buttons" },
          button("Open", `Opens ${path}`, () => openSheet(sheet)),
          button("Check", `Runs your code and every check: npx vitrine check ${name}`, () => void check(sheet)),
          button("Pack to hand in", `Makes one file to hand in: npx vitrine submit ${name}`, () => void submit(sheet)),
          button("Export HTML", "One page, with your outputs as they were saved", () => void exportAs(sheet, "html")),
          button("Export PDF", "The same on paper, printed by Chromium", () => void exportAs(sheet, "pdf"), pdf),
        ),
      upToDate(sheet),
    );
  }

  /** What a command said of the sheet, with a note where the sheet is another by now. */
  function upToDate(sheet) {
    const box = outputs.get(sheet.name);
    if (box?.dataset.state !== undefined)
      box.querySelector(".vitrine-old").textContent =
        box.dataset.state === stateOf(sheet) ? "" : " Your notebook has changed since then.";
    return box;
  }

  function packedWords({ path, at, current }) {
    const when = new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
    const file = path
      ? el(
          "a",
          { href: "#", onclick: (event) => (event.preventDefault(), void download(path)) },
          path.split("/").at(-1),
        )
      : "an archive in another folder";
    return [
      "Packed in ",
      file,
      ` on ${when}. `,
      current
        ? "Download it and hand it in where your teacher takes it."
        : "Your notebook has changed since then: pack it once more.",
    ];
  }

  const openSheet = ({ path }) => void documents.openOrReveal(path);
  const download = async (path) =>
    window.open(await app.serviceManager.contents.getDownloadUrl(path), "_blank", "noopener");

  /** What is still open in JupyterLab is saved first: commands read files. */
  async function saved({ path }) {
    const context = documents.findWidget(path)?.context;
    if (context?.model.dirty) await context.save();
  }

  /** Runs a command, and shows below the sheet what it says. */
  async function run(command, key, place) {
    if (running) return false;
    const text = el("pre", { class: "vitrine-output", tabindex: "0" }),
      heading = el("strong", {}, words[command].busy),
      stopper = new AbortController();
    const stop = el("button", { class: "vitrine-button", onclick: () => stopper.abort() }, "Stop");
    const box = el(
      "div",
      { class: "vitrine-output-box", role: "log", "aria-live": "polite" },
      el("p", {}, heading, el("span", { class: "vitrine-old" }), " ", stop),
      text,
    );
    place(box);
    running = command;
    draw();
    box.scrollIntoView({ block: "nearest" });
    let well = false;
    try {
      well = await server.run(command, key, (said) => (text.textContent = said), stopper.signal);
      const at = new Date().toLocaleTimeString(undefined, { timeStyle: "short" });
      heading.textContent = `${at}: ${well ? words[command].well : words[command].not}`;
    } catch (error) {
      heading.textContent = stopper.signal.aborted ? "Stopped." : `It could not be run: ${error.message}.`;
    } finally {
      running = undefined;
      stop.textContent = "Close";
      stop.onclick = () => {
        for (const [name, each] of outputs) if (each === box) outputs.delete(name);
        box.remove();
      };
      await refresh();
      const sheet = known.find(({ name }) => outputs.get(name) === box);
      if (sheet && command === "check") box.dataset.state = stateOf(sheet);
    }
    return well;
  }

  async function onSheet(sheet, command) {
    await saved(sheet);
    return run(command, sheet.name, (box) => outputs.set(sheet.name, box));
  }
  const check = (sheet) => onSheet(sheet, "check");
  const submit = (sheet) => onSheet(sheet, "submit");

  async function exportAs(sheet, format) {
    if (format === "pdf" && !pdf) return void (status.textContent = NO_CHROMIUM);
    await saved(sheet);
    await app.serviceManager.nbconvert.exportAs({ format, path: sheet.path, exporterOptions: { download: true } });
  }

  return {
    node,
    refresh,
    doctor: () => run("doctor", undefined, (box) => doctorOutput.replaceChildren(box)),
    /** Does something with a sheet by its name or its notebook's path, once the page knows the sheets. */
    async forSheet(name, path, action) {
      await refresh();
      const sheet = known.find((each) => (name === undefined ? each.path === path : each.name === name));
      if (!sheet?.path) {
        status.textContent = `${name ?? path} is no sheet of the course in this folder.`;
        return;
      }
      list.querySelector(`[data-sheet="${CSS.escape(sheet.name)}"]`)?.scrollIntoView({ block: "start" });
      await action({ check, submit, exportAs }, sheet);
    },
  };
}

/** Where to look when something is not clear. */
function help({ commands }) {
  const does = (command, words) =>
    el("a", { href: "#", onclick: (event) => (event.preventDefault(), void commands.execute(command)) }, words);
  const link = (href, words) => el("a", { href, target: "_blank", rel: "noopener" }, words);
  const key = (words) => el("kbd", {}, words);
  const code = (words) => el("code", {}, words);
  return el(
    "section",
    { class: "vitrine-help" },
    el("h2", {}, "Help"),
    el(
      "ul",
      {},
      el(
        "li",
        {},
        does("vitrine:course", "The course on one page"),
        ": every task and question, its points, and how it is graded.",
      ),
      el(
        "li",
        {},
        "In a cell: ",
        key("Tab"),
        " completes, ",
        key("Shift"),
        " ",
        key("Tab"),
        " or ",
        code("name?"),
        " says what a function takes. ",
        link("https://js.tensorflow.org/api/latest/", "TensorFlow.js, all its functions"),
        ".",
      ),
      el(
        "li",
        {},
        "In a terminal (File → New): ",
        code("npx vitrine status"),
        ", ",
        code("npx vitrine check 0"),
        ", ",
        code("npx vitrine submit 0"),
        " do the same as this page.",
      ),
      el(
        "li",
        {},
        "A sheet as it was handed out: rename or delete yours in the file browser, then ",
        code("npm start"),
        " again.",
      ),
      el("li", {}, "Something does not work: ", does("vitrine:doctor", "what is set up, and what is missing"), "."),
    ),
  );
}
