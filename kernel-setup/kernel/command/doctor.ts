// What the kernel needs of the machine, which Jupyters know it, and whether it runs.
import { existsSync } from "fs";
import * as path from "path";
import { oursIn } from "./found";
import { kernelFiles, ownManifest } from "./package-files";
import { pythonFacts, type PythonFacts } from "./python";
import { userDataFolder } from "./spec.cjs";

/** Prints a line for each thing. @returns the exit status: 1 where something must be mended */
export async function doctor(): Promise<number> {
  let wrong = 0;
  const line = (mark: "ok" | "missing" | "note", text: string): void => {
    if (mark === "missing") wrong++;
    console.log(`${mark.padEnd(8)}${text}`);
  };
  const { version } = ownManifest();
  line("ok", `vitrine-kernel ${version}, in ${path.resolve(kernelFiles.main, "../..")}`);
  line(
    "ok",
    `Node ${process.version}, TypeScript ${(require("typescript/package.json") as { version: string }).version}`,
  );
  const zeromq = loadZeromq();
  if (zeromq) line("missing", zeromq);
  else line("ok", `zeromq's program for ${process.platform} ${process.arch}`);
  if (process.platform === "win32")
    line("note", "no /bin/sh: what child processes print is not shown in cells, and nobody says why a kernel died");

  const python = pythonFacts();
  const lab = inWords(python);
  if (python && lab) line("ok", `${lab}, of ${python.program}`);
  else line("note", `${python ? `${python.program} has no Jupyter` : "no Python"}: pip install jupyterlab`);
  const folders = [...new Set([userDataFolder(), ...(python?.data ?? [])])];
  if (lab) {
    const anywidget = folders.some((each) => existsSync(path.join(each, "labextensions/anywidget")));
    if (anywidget) line("ok", "anywidget, for widget(…) in cells");
    else line("note", "no anywidget, so widget(…) shows text only: pip install anywidget, then reload the page");
  }

  const specs = folders.flatMap(oursIn);
  for (const { name, title, folder, missing, main, version: of } of specs) {
    const again = `vitrine-kernel install --name ${name} makes it right where it lies for this user`;
    if (missing) line("missing", `kernel ${name}, in ${folder}, starts ${missing}, which is gone: ${again}`);
    else if (main !== kernelFiles.main)
      line("note", `kernel ${name}, in ${folder}, is another copy's (${of}, ${main})`);
    else line("ok", `kernel ${name} (${title}), in ${folder}`);
  }
  if (specs.length === 0) line("missing", "no Jupyter here knows the kernel: vitrine-kernel install");
  if (zeromq) return 1;
  try {
    // It needs zeromq, of which there must be something to say without it.
    const { tryKernel } = await import("./try-kernel");
    const { ready, first } = await tryKernel();
    line("ok", `a kernel starts (${ready} ms) and computes (${first} ms more for the first cell)`);
  } catch (error) {
    line("missing", `a kernel does not start: ${(error as Error).message}`);
  }
  return wrong > 0 ? 1 : 0;
}

function inWords(python: PythonFacts | undefined): string {
  const names = { jupyterlab: "JupyterLab", notebook: "Notebook", jupyter_client: "jupyter_client" };
  return Object.entries(names)
    .filter(([name]) => python?.versions[name])
    .map(([name, title]) => `${title} ${python?.versions[name]}`)
    .join(", ");
}

/** Why the sockets cannot be used, if so. */
function loadZeromq(): string | undefined {
  try {
    require("zeromq");
    return undefined;
  } catch (error) {
    const [first] = (error as Error).message.split("\n");
    return (
      `zeromq has no program for ${process.platform} ${process.arch} that works here (${first}). With CMake and a ` +
      `C++ compiler: npm install -g --allow-scripts=zeromq vitrine-kernel`
    );
  }
}
