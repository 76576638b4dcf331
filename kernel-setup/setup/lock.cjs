// @ts-check
// One lock for set-up and for grading. JavaScript, since set-up runs before anything is compiled or installed;
// CommonJS,
// since what is compiled requires it.
const { randomBytes } = require("node:crypto");
const {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} = require("node:fs");
const { hostname } = require("node:os");
const { dirname } = require("node:path");

/**
 * @typedef {object} Owner
 * @property {number} pid
 * @property {string} host
 * @property {string} since
 * @property {string} token
 * @property {string} [born]
 */

/** Another process has it. */
class LockedError extends Error {
  /**
   * @param {string} file
   * @param {Owner | undefined} owner undefined where the file does not say who
   */
  constructor(file, owner) {
    super(
      owner
        ? `process ${owner.pid} on ${owner.host} since ${owner.since}: wait for it, or end it`
        : `somebody: ${file} does not say by whom, and holds for a minute`,
    );
    this.owner = owner;
  }
}

/** Nobody can have it: somebody else's folder, a full disk. `cause` is the system's error. */
class LockFileError extends Error {
  /** @param {string} file @param {unknown} cause */
  constructor(file, cause) {
    super(`${file} cannot be written: ${/** @type {Error} */ (cause).message}`, { cause });
  }
}

/** How often a lock's owner says that it is alive, and how long another machine believes it. */
const beat = 5_000,
  patience = 60_000;

/**
 * Runs `work` while nobody else has the lock, also on other machines that share the folder. The lock of a process that
 * is gone, or of a machine that was not heard of for a minute, is taken over.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {object} [options]
 * @param {number} [options.wait] milliseconds to wait for another process; default 0
 * @param {(owner: Owner | undefined) => unknown} [options.waiting] called each time that the lock is not free; what it
 * throws ends the wait
 * @returns {Promise<T>}
 * @throws LockedError, LockFileError
 */
async function withLock(file, work, { wait = 0, waiting } = {}) {
  /** @type {Owner} */
  const own = {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    token: randomBytes(8).toString("hex"),
    born: birthOf(process.pid),
  };
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    throw new LockFileError(file, error);
  }
  const until = Date.now() + wait;
  while (!taken(file, own)) {
    const owner = ownerOf(file);
    if (Date.now() >= until) throw new LockedError(file, owner);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await waiting?.(owner);
  }
  const heart = setInterval(() => {
    try {
      if (ownerOf(file)?.token === own.token) utimesSync(file, new Date(), new Date());
    } catch {
      // The next beat may be possible again.
    }
  }, beat);
  heart.unref();
  const release = () => {
    if (ownerOf(file)?.token === own.token) rmSync(file, { force: true });
  };
  process.once("exit", release);
  try {
    return await work();
  } finally {
    clearInterval(heart);
    process.removeListener("exit", release);
    release();
  }
}

/** @param {string} file @param {Owner} own */
function taken(file, own) {
  const mine = `${file}.${own.token}`;
  try {
    writeFileSync(mine, JSON.stringify(own));
  } catch (error) {
    rmSync(mine, { force: true });
    throw new LockFileError(file, error);
  }
  try {
    try {
      // Whole from the first moment: nobody ever reads half an owner.
      linkSync(mine, file);
      return true;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
    const owner = ownerOf(file);
    if (owner ? alive(file, owner) : fresh(file)) return false;
    return takenOver(file, owner, mine);
  } finally {
    rmSync(mine, { force: true });
  }
}

/**
 * Of several that find the owner gone one takes over: the one that makes the mark with that owner's token.
 * @param {string} file @param {Owner | undefined} owner @param {string} mine
 */
function takenOver(file, owner, mine) {
  const mark = `${file}.${owner?.token ?? "damaged"}.over`;
  try {
    writeFileSync(mark, "", { flag: "wx" });
  } catch {
    if (existsSync(mark) && Date.now() - statSync(mark).mtimeMs > patience) rmSync(mark, { force: true });
    return false;
  }
  try {
    if (ownerOf(file)?.token !== owner?.token) return false;
    renameSync(mine, file);
    return true;
  } finally {
    rmSync(mark, { force: true });
  }
}

/** @param {string} file @returns {Owner | undefined} */
function ownerOf(file) {
  try {
    const owner = JSON.parse(readFileSync(file, "utf8"));
    return typeof owner?.token === "string" ? owner : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Was it made, or kept alive, within the last minute? A machine that lost its power leaves one behind with nothing in
 * it.
 * @param {string} file
 */
const fresh = (file) => Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) < patience;

/** @param {string} file @param {Owner} owner */
function alive(file, { pid, host, born }) {
  if (host !== hostname()) return fresh(file);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== "EPERM") return false;
  }
  // Numbers of processes come back: the one we see must be as old as the one that took the lock.
  return born === undefined || birthOf(pid) === born;
}

/** When a process was started, where the system says so (Linux). @param {number} pid */
function birthOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\)/s, "").trim().split(" ")[19];
  } catch {
    return undefined;
  }
}

/** @param {unknown} error */
const codeOf = (error) => /** @type {NodeJS.ErrnoException} */ (error).code;

module.exports = { LockedError, LockFileError, withLock };
