// The plugin: the page's tab, its commands, a menu and a card in the launcher that open it.
import { improveFigures } from "./figures.js";
import { noteRuns } from "./last-run.js";
import { makePage } from "./page.js";
import { makeServer } from "./server.js";

const OPEN = "vitrine:start",
  COURSE = "vitrine:course",
  CHECK = "vitrine:check",
  SUBMIT = "vitrine:submit",
  DOCTOR = "vitrine:doctor",
  EXPORT = "vitrine:export";

export async function makePlugins(take, base) {
  const [application, apputils, docmanager, launcher, mainmenu, notebook, rendermime, services, widgets] =
    await Promise.all(
      [
        "@jupyterlab/application",
        "@jupyterlab/apputils",
        "@jupyterlab/docmanager",
        "@jupyterlab/launcher",
        "@jupyterlab/mainmenu",
        "@jupyterlab/notebook",
        "@jupyterlab/rendermime",
        "@jupyterlab/services",
        "@lumino/widgets",
      ].map(take),
    );

  class Tab extends widgets.Widget {
    constructor(page) {
      super({ node: page.node });
      this.page = page;
    }
    /** As often as it comes to the front: notebooks are worked on meanwhile. */
    onAfterShow() {
      void this.page.refresh();
    }
    onAfterAttach() {
      void this.page.refresh();
    }
    onActivateRequest() {
      this.node.focus({ preventScroll: true });
    }
  }

  return [
    {
      id: "vitrine-start:plugin",
      autoStart: true,
      requires: [docmanager.IDocumentManager, notebook.INotebookTracker, rendermime.IRenderMimeRegistry],
      optional: [application.ILayoutRestorer, apputils.ICommandPalette, launcher.ILauncher, mainmenu.IMainMenu],
      activate(app, documents, notebooks, mime, restorer, palette, cards, menus) {
        for (const sheet of ["style.css", "figures.css"])
          document.head.append(
            Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${base}${sheet}` }),
          );
        improveFigures(mime);
        noteRuns(notebook);
        const { commands, shell } = app;
        const tracker = new apputils.WidgetTracker({ namespace: "vitrine-start" });
        let tab, page;

        function open() {
          if (!tab || tab.isDisposed) {
            page = makePage({ server: makeServer(services), app, documents });
            tab = new Tab(page);
            tab.id = "vitrine-start";
            tab.title.label = "Start";
            tab.title.caption = "The sheets, and how far yours are";
            tab.title.closable = true;
          }
          if (!tab.isAttached) shell.add(tab, "main", { mode: "tab-before" });
          if (!tracker.has(tab)) void tracker.add(tab);
          shell.activateById(tab.id);
          return page;
        }

        /** Tasks and points, as JupyterLab shows any Markdown. */
        async function course() {
          open();
          const renderer = mime.createRenderer("text/markdown");
          const text = await makeServer(services).course();
          await renderer.renderModel(mime.createModel({ data: { "text/markdown": text }, trusted: false }));
          renderer.addClass("vitrine-course");
          const shown = new apputils.MainAreaWidget({ content: renderer });
          shown.title.label = "The course on one page";
          shown.title.closable = true;
          shell.add(shown, "main");
        }

        const current = () => notebooks.currentWidget?.context.path;
        /** A command for the sheet named, or the one whose notebook is open. */
        const forSheet = (label, action) => ({
          label,
          isEnabled: ({ sheet } = {}) => sheet !== undefined || current() !== undefined,
          async execute({ sheet } = {}) {
            const path = sheet === undefined ? current() : undefined;
            const opened = open();
            await opened.forSheet(sheet, path, action);
          },
        });
        commands.addCommand(OPEN, {
          label: "Start Page",
          caption: "The sheets, and how far yours are",
          execute: () => void open(),
        });
        commands.addCommand(COURSE, { label: "The Course on One Page", execute: course });
        commands.addCommand(
          CHECK,
          forSheet("Check This Sheet", (each, on) => each.check(on)),
        );
        commands.addCommand(
          SUBMIT,
          forSheet("Pack This Sheet to Hand In", (each, on) => each.submit(on)),
        );
        for (const [format, words] of [
          ["html", "a Page (HTML)"],
          ["pdf", "PDF"],
        ])
          commands.addCommand(
            `${EXPORT}-${format}`,
            forSheet(`Export This Sheet as ${words}`, (each, on) => each.exportAs(on, format)),
          );
        commands.addCommand(DOCTOR, { label: "What Is Set Up, and What Is Missing", execute: () => open().doctor() });

        const all = [OPEN, COURSE, CHECK, SUBMIT, `${EXPORT}-html`, `${EXPORT}-pdf`, DOCTOR];
        for (const command of all) palette?.addItem({ command, category: "Vitrine" });
        cards?.add({ command: OPEN, category: "Other", rank: -1 });
        if (menus) {
          const menu = new widgets.Menu({ commands });
          menu.title.label = "Vitrine";
          menu.id = "vitrine-menu";
          for (const command of [OPEN, COURSE]) menu.addItem({ command });
          menu.addItem({ type: "separator" });
          for (const command of [CHECK, SUBMIT, `${EXPORT}-html`, `${EXPORT}-pdf`]) menu.addItem({ command });
          menu.addItem({ type: "separator" });
          menu.addItem({ command: DOCTOR });
          menus.addMenu(menu, true, { rank: 900 });
        }
        // What is saved in a notebook may change what is said of it.
        notebooks.widgetAdded.connect((_, panel) => {
          panel.context.saveState.connect((__, state) => state === "completed" && tab?.isVisible && page.refresh());
        });

        void restorer?.restore(tracker, { command: OPEN, name: () => "vitrine-start" });
        void app.restored.then(() => {
          // A link to a notebook opens that; a reload leaves in front what was there.
          const seen = "vitrine-start-seen";
          if (/\/(tree|doc)\//.test(location.pathname) || sessionStorage.getItem(seen)) return;
          sessionStorage.setItem(seen, "yes");
          open();
        });
      },
    },
  ];
}
