// Files that come inside a package of PyPI, fetched by pip.
import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { InterruptedError, VitrineError, FileError } from "../core/errors";
import { writeAtomically } from "../core/files";
import { checkOptions, progressAndSignal, texts, type Schema } from "../core/options";
import { projectRoot } from "../core/process";
import type { PackageSource } from "./registry";
import { verify } from "./verify";
import { openZip } from "./zip";

const run = promisify(execFile);

export interface PackageOptions {
  /** Stops the work with an `InterruptedError`. Default: none. */
  signal?: AbortSignal;
  /** Programs to try. Default: the project's own Python, then those on PATH. */
  pythons?: readonly string[];
}

export const packageOptions = {
  signal: { ...progressAndSignal().signal, rule: "none" },
  pythons: texts({ rule: "the project's own Python, then those on PATH", help: "programs to try" }),
} satisfies Schema<PackageOptions>;

/**
 * Fetches a PyPI package with pip, which knows the user's mirrors and proxies, and takes the source's files out of it
 * into `cache`. pip compares the package with its pinned SHA-256 before it looks inside; each file is compared with its
 * own.
 * @throws VitrineError with the reason, in one line
 */
export async function fetchPackage(source: PackageSource, cache: string, given: PackageOptions = {}): Promise<void> {
  const options = checkOptions(packageOptions, given);
  const title = `${source.package} ${source.version}`;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vitrine-package-"));
  try {
    const python =
      (await findPython(options)) ??
      fail(`${title} comes by pip, and there is no Python with pip here: install Python 3.10 or newer`);
    const requirements = path.join(folder, "requirements.txt");
    fs.writeFileSync(requirements, `${source.package}==${source.version} --hash=sha256:${source.archive.sha256}\n`);
    const { wheel } = source.archive;
    const which = wheel
      ? [
          "--only-binary=:all:",
          "--implementation=cp",
          `--python-version=${wheel.python}`,
          `--platform=${wheel.platform}`,
        ]
      : [];
    await pip(
      python,
      [
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        `--dest=${folder}`,
        ...which,
        "--requirement",
        requirements,
      ],
      title,
      options,
    );
    const archive =
      fs.readdirSync(folder).find((name) => /\.(whl|tar\.gz)$/.test(name)) ?? fail(`pip brought nothing for ${title}`);
    const read = await opened(python, path.join(folder, archive), options);
    for (const file of source.files) {
      const target = path.join(cache, file.path),
        bytes = read(file.inside);
      const temporary = path.join(folder, "file");
      fs.writeFileSync(temporary, bytes);
      const verdict = await verify(temporary, file);
      if (verdict.state === "wrong") throw new FileError(`${title}: ${file.inside}`, verdict.problem);
      await writeAtomically(target, bytes);
    }
  } catch (error) {
    // Whichever of the programs it ended.
    if (options.signal?.aborted) throw new InterruptedError(`Interrupted: ${title} was not fetched.`);
    throw error;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function findPython({ pythons, signal }: PackageOptions): Promise<string | undefined> {
  const windows = process.platform === "win32";
  const own = path.join(projectRoot(), ".venv", windows ? "Scripts/python.exe" : "bin/python");
  for (const candidate of pythons ?? [own, "python3", "python"]) {
    const has = await run(candidate, ["-m", "pip", "--version"], { signal, timeout: 30_000 }).then(
      () => true,
      () => false,
    );
    if (has) return candidate;
  }
  return undefined;
}

async function pip(python: string, args: readonly string[], title: string, { signal }: PackageOptions): Promise<void> {
  try {
    await run(python, ["-m", "pip", ...args], { signal, timeout: 600_000, maxBuffer: 1 << 24 });
  } catch (error) {
    const said = String((error as { stderr?: string }).stderr ?? "")
      .trim()
      .split(/\r?\n/)
      .filter((line) => /^ERROR/.test(line));
    fail(
      `pip could not fetch ${title} ` +
        `(${said[0]?.replace(/^ERROR:\s*/, "").slice(0, 160) ?? (error as Error).message.split("\n")[0]})`,
    );
  }
}

/** Reads one entry of a wheel or a source archive, whose contents pip has verified. */
async function opened(
  python: string,
  archive: string,
  { signal }: PackageOptions,
): Promise<(inside: string) => Uint8Array> {
  if (archive.endsWith(".whl")) return openZip(fs.readFileSync(archive), path.basename(archive)).read;
  const folder = `${archive}.d`;
  await run(python, ["-m", "tarfile", "-e", archive, folder], { signal, timeout: 120_000 });
  return (inside) => fs.readFileSync(path.join(folder, inside));
}

function fail(message: string): never {
  throw new VitrineError(message);
}
