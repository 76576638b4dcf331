// The scripts that V8 knows, and which of them the student wrote.
import type { Debugger } from "inspector";
import { readFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { fileURLToPath } from "url";
import { home } from "../shared/home";
import type { Inspector } from "./inspector";
import { murmur2 } from "./murmur2";
import type { Place, Spot } from "./places";

/** JupyterLab shows a cell's number in place of its path only where this word is in it. */
const FOLDER_WORD = "ipykernel_";
const CELL = /^In \[[^\]]+\]$/;

/** How front ends name the text of a cell. */
export const naming = {
  hashMethod: "Murmur2",
  hashSeed: 0xc70f6907,
  tmpFilePrefix: path.join(tmpdir(), `${FOLDER_WORD}vitrine_${process.pid}`) + path.sep,
  tmpFileSuffix: ".ts",
};

export const cellPath = (text: string): string =>
  `${naming.tmpFilePrefix}${murmur2(text, naming.hashSeed)}${naming.tmpFileSuffix}`;

export const isCellPath = (file: string): boolean => file.startsWith(naming.tmpFilePrefix);

export interface Script {
  id: string;
  /** What its frames are called: `In [3]`, or the path of a file. */
  name: string;
  /** The student wrote it. */
  own: boolean;
  isCell: boolean;
  endLine: number;
  endColumn: number;
}

/** Keeps the texts of cells by their paths too: front ends ask for them, and for breakpoints, by those. */
export class Scripts {
  private readonly byId = new Map<string, Script>();
  private readonly texts = new Map<string, string>();
  /** The paths of cells that ran, by their names. */
  private readonly paths = new Map<string, string>();

  constructor(private readonly inspector: Inspector) {}

  /** V8 compiled or found one. */
  parsed({ scriptId, url, endLine, endColumn }: Debugger.ScriptParsedEventDataType): Script {
    const isCell = CELL.test(url);
    const name = url.startsWith("file:") ? fileURLToPath(url) : url;
    const own = isCell || (path.isAbsolute(name) && !isLibrary(name));
    const script = { id: scriptId, name, own, isCell, endLine, endColumn };
    this.byId.set(scriptId, script);
    return script;
  }

  /** The cells that ran, asked for from the main thread. */
  async update(): Promise<void> {
    for (const [name, text] of await this.inspector.agent<[string, string][]>("cells")) {
      this.paths.set(name, this.keep(text));
    }
  }

  /** Remembers a text. @returns the path that stands for it */
  keep(text: string): string {
    const file = cellPath(text);
    this.texts.set(file, text);
    return file;
  }

  /** The text at that path: of a cell that is known, or of a file. */
  text(file: string): string | undefined {
    const known = this.texts.get(file);
    if (known !== undefined || isCellPath(file)) return known;
    try {
      return readFileSync(file, "utf8");
    } catch {
      return undefined;
    }
  }

  get(id: string): Script | undefined {
    return this.byId.get(id);
  }

  /** The scripts that were made from the text at that path. */
  from(file: string): Script[] {
    return [...this.byId.values()].filter((script) => script.own && this.pathOf(script) === file);
  }

  /** V8 has it no more. */
  drop({ id }: Script): void {
    this.byId.delete(id);
  }

  /** The latest script of that name. */
  named(name: string): Script | undefined {
    return [...this.byId.values()].filter((script) => script.name === name).at(-1);
  }

  pathOf({ isCell, name }: Script): string {
    return isCell ? (this.paths.get(name) ?? name) : name;
  }

  /** Where spots of a script lie in the student's text. */
  places(script: Script, spots: Spot[]): Promise<(Place | null)[]> {
    return this.inspector.agent("places", script.name, spots);
  }

  forget(): void {
    this.byId.clear();
  }
}

function isLibrary(file: string): boolean {
  return home.libraries.some((each) => file.startsWith(each)) || /[\\/]node_modules[\\/]/.test(file);
}
