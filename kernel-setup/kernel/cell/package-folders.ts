// Whether packages came, went or changed since the compiler drew its conclusions from them.
import { statSync } from "fs";
import * as path from "path";
import { unsettledVersionOf } from "./watched-files";

/** A folder that packages lie in, at the end of a path. */
const PACKAGES = /\/node_modules$/;
const INSIDE = /\/node_modules(\/|$)/;

/**
 * The folders of packages in which the compiler looked for something, found or not, and the package.json files it read.
 * A folder's date changes when something in it comes or goes. So whatever `npm install` (or a hand) does is seen before
 * the next cell, though nobody was told of it.
 *
 * Of the kernel's own project, whose packages are many and change with an `npm install` only, the folders are looked at
 * down to those of the packages.
 */
export class PackageFolders {
  private readonly versions = new Map<string, string>();
  private readonly seen = new Set<string>();
  private readonly own: string;

  /**
   * @param folder the notebook's: packages may come to exist beside it and above
   * @param built a folder of compiled files, in which there are no packages
   */
  constructor(
    private readonly folder: string,
    kernelRoot: string,
    private readonly built: string,
  ) {
    this.own = `${kernelRoot.replace(/\\/g, "/")}/node_modules/`;
    this.watchAncestors();
  }

  /** The compiler asked whether a file or folder exists. */
  asked(file: string): void {
    if (!INSIDE.test(file) || file.startsWith(this.built)) return;
    const folder = PACKAGES.test(file) ? file : file.slice(0, file.lastIndexOf("/"));
    if (this.seen.has(folder)) return;
    this.seen.add(folder);
    this.watch(this.existing(folder));
  }

  /** The compiler read a package.json. */
  read(file: string): void {
    if (INSIDE.test(file)) this.watch(file);
  }

  /** True once for every change. */
  changed(): boolean {
    for (const [file, version] of this.versions) {
      if (unsettledVersionOf(file) === version) continue;
      this.versions.clear();
      this.seen.clear();
      this.watchAncestors();
      return true;
    }
    return false;
  }

  get size(): number {
    return this.versions.size;
  }

  private watch(file: string): void {
    if (!this.versions.has(file)) this.versions.set(file, unsettledVersionOf(file));
  }

  private watchAncestors(): void {
    let folder = this.folder.replace(/\\/g, "/");
    for (let above = path.posix.dirname(folder); ; folder = above, above = path.posix.dirname(folder)) {
      this.watch(`${folder === "/" ? "" : folder}/node_modules`);
      if (above === folder) return;
    }
  }

  /** The folder, or the nearest one above it that exists, up to that of the packages. */
  private existing(folder: string): string {
    if (folder.startsWith(this.own)) {
      const [scope, name] = folder.slice(this.own.length).split("/");
      folder = this.own + (scope.startsWith("@") && name ? `${scope}/${name}` : scope);
    }
    while (!PACKAGES.test(folder) && statSync(folder, { throwIfNoEntry: false }) === undefined)
      folder = folder.slice(0, folder.lastIndexOf("/"));
    return folder;
  }
}
