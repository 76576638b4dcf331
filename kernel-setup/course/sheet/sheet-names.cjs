// @ts-check
// Which sheet somebody means. JavaScript, since `npm start -- --execute` asks before anything is compiled or installed;
// CommonJS, since what is compiled requires it.

/**
 * The sheets that a word may mean: by name, by number (`0`, `00`), by name without the number (`warm-up`), else by what
 * a name begins with, or has in it. Case and `.ipynb` do not count. None, one, or several that it fits equally well.
 * @param {string} word
 * @param {readonly string[]} names of all sheets: `00-warm-up`
 * @returns {string[]}
 */
function sheetsMeant(word, names) {
  const wanted = plain(word);
  if (!/[a-z\d]/.test(wanted)) return [];
  const number = /^\d+$/.test(wanted);
  /** @type {((name: string) => boolean)[]} */
  const ways = [
    (name) => plain(name) === wanted,
    (name) => number && /^\d+/.exec(plain(name))?.[0] === wanted,
    (name) => !number && title(name) === wanted,
    (name) => !number && (plain(name).startsWith(wanted) || title(name).startsWith(wanted)),
    (name) => !number && title(name).includes(wanted),
  ];
  return ways.map((fits) => names.filter(fits)).find((found) => found.length > 0) ?? [];
}

/** Without zeros before the number. @param {string} name */
const plain = (name) =>
  name
    .trim()
    .toLowerCase()
    .replace(/\.ipynb$/, "")
    .replace(/^0+(?=\d)/, "");
/** Without the number. @param {string} name */
const title = (name) => plain(name).replace(/^\d+[-_. ]*/, "");

module.exports = { sheetsMeant };
