// What to write here, for who comes from IPython, Python or a console and writes what is right there.
import type * as tsTypes from "typescript";
import { isNamedArgument, meaningOf, NAMED_ARGUMENT } from "./meanings";
import type { Diagnostic } from "./tslab";

/** One line for people. */
export interface Hint {
  text: string;
  /** The line, from 1, that is of another language: it is not judged as TypeScript. */
  instead?: number;
}

type Say = (...parts: string[]) => string;

const ipython = (command: string): string => `\`${command}\` is a command of IPython. `;

/** A command of the shell reads as an expression that nothing is wrong with but its names. */
const SHELL: readonly [RegExp, Say][] = [
  [
    /^[!%]\s*(?:npm (?:install|i|add)|yarn add|pnpm add)\s+(?:-\S+\s+)*(\S+)/,
    (name) => `\`!\` runs a command in IPython. Here: await install(${JSON.stringify(name)})`,
  ],
  [
    /^!\s*([\w./-]+\s+[^\s&|=?.][^()]*|ls|dir|pwd|date|whoami|env|nvidia-smi)$/,
    (command) =>
      `\`!\` runs a command in IPython. Here: import { execSync } from "child_process"; ` +
      `console.log(execSync(${JSON.stringify(command)}, { encoding: "utf8" }))`,
  ],
];

/** Lines of other languages, from their beginning. */
const LINES: readonly [RegExp, Say][] = [
  [
    /^%{1,2}(timeit|time)\b/,
    (name) => ipython(`%${name}`) + 'Here: console.time("cell") before, console.timeEnd("cell") after what is timed.',
  ],
  [
    /^%(matplotlib|pylab)\b/,
    (name) => ipython(`%${name}`) + "Nothing is needed in its place: a figure that a cell ends with is shown.",
  ],
  [/^%cd\s+(\S+)/, (folder) => ipython("%cd") + `Here: process.chdir(${JSON.stringify(folder)})`],
  [/^%pwd\b/, () => `${ipython("%pwd")}Here: process.cwd()`],
  [
    /^%env\s+(\w+)[= ](.*)$/,
    (name, value) => ipython("%env") + `Here: process.env.${name} = ${JSON.stringify(value.trim())}`,
  ],
  [/^%{1,2}(\w+)/, (name) => `${ipython(`%${name}`)}This kernel has no such commands; what it runs is TypeScript.`],
  [
    /^\?{1,2}\s*([\w.$]+)\s*$|^([\w.$]+)\s*\?{1,2}\s*$/,
    (first, second) => `For what \`${first || second}\` is, put the cursor in it and press Shift+Tab.`,
  ],
  [
    /^import\s+(?:numpy|tensorflow|torch|keras)\b.*$|^from\s+(?:numpy|tensorflow|torch|keras)[\w.]*\s+import\b.*$/,
    () => 'This is Python, and so is that library. Tensors: import * as tf from "@tensorflow/tfjs"; tf.tensor([1, 2])',
  ],
  [
    /^import\s+([\w.]+)(?:\s+as\s+(\w+))?\s*$/,
    (name, short) => `This is Python. Here: import * as ${short || name.split(".").at(-1)} from "${name}"`,
  ],
  [
    /^from\s+([\w.]+)\s+import\s+([\w, *]+?)\s*$/,
    (name, what) => `This is Python. Here: import ${what === "*" ? "* as all" : `{ ${what} }`} from "${name}"`,
  ],
  [
    /^(async\s+)?def\s+(\w+)\s*\(/,
    (later, name) => `This is Python. Here: ${later ? "async " : ""}function ${name}(x: number): number { return x; }`,
  ],
  [
    /^for\s+(\w+)(?:\s*,\s*(\w+))?\s+in\s+(.+?):/,
    (name, second, all) => {
      const range = /^range\((\w+)\)$/.exec(all);
      if (range) return `This is Python. Here: for (let ${name} = 0; ${name} < ${range[1]}; ${name}++) { … }`;
      return `This is Python. Here: for (const ${second ? `[${name}, ${second}]` : name} of ${all}) { … }`;
    },
  ],
  [
    /^(if|while|elif)\s+(.+?):\s*(#.*)?$/,
    (word, what) => `This is Python. Here: ${word === "elif" ? "} else if" : word} (${inTypeScript(what)}) { … }`,
  ],
  [/^else\s*:\s*(#.*)?$/, () => "This is Python. Here: } else { … }"],
  [/^pass$|^del\s+\w+$/, (text) => `\`${text}\` is Python. Here nothing is needed in its place.`],
  [
    /^(elif|except|try|else|finally|with|class\s+\w+(?:\(\w*\))?)\b[^{]*:\s*$/,
    () => "This is Python. Here blocks stand in { … }.",
  ],
  [/^#(?!!)\s*(.*)$/, (text) => `A comment begins with //: // ${text}`],
];

/** What stands within a line. */
const WITHIN: readonly [RegExp, Say][] = [
  [
    /\[\s*([^[\]]+?)\s+for\s+(\w+)\s+in\s+(.+?)(?:\s+if\s+(.+?))?\s*\]\s*;?\s*$/,
    (value, name, all, only) => {
      const range = /^range\((\w+)\)$/.exec(all);
      const list = range ? `[...Array(${range[1]}).keys()]` : all;
      const kept = only ? `${list}.filter((${name}) => ${inTypeScript(only)})` : list;
      return `This is Python. Here: ${kept}.map((${name}) => ${inTypeScript(value)})`;
    },
  ],
  [
    /=\s*([^=]+?)\s+if\s+(.+?)\s+else\s+(.+?);?\s*$/,
    (yes, when, no) => `This is Python. Here: ${inTypeScript(when)} ? ${yes} : ${no}`,
  ],
  [
    /([\w.]+)\[[^\]"']*(?::|\.\.\.)[^\]"']*\]/,
    (name) =>
      `This is Python. A part of a tensor: ${name}.slice([0, 0], [-1, 1]), from where and how long along each axis; ` +
      `of an array: ${name}.slice(1, 3)`,
  ],
  [/\blambda\s+(\w*(?:\s*,\s*\w+)*)\s*:\s*(.+)/, (names, value) => `This is Python. Here: (${names}) => ${value}`],
  [/\bf(["'])([^"']*)\1/, (_quote, text) => `This is Python. Here: \`${text.replaceAll("{", "${")}\``],
  [/^[^"'`]*?[\s(](?:and|or|not)\s/, () => "This is Python. Here: && for and, || for or, ! for not"],
  [/\s#\s*(.*)$/, (text) => `A comment begins with //: // ${text}`],
];

/** Names that are there in other languages. */
const NAMES: Readonly<Record<string, string>> = {
  print: "Here: console.log(…)",
  input: "Here: await prompt(…)",
  np:
    "`np` is NumPy's. The package @tensorflow/tfjs has tensors with many of its functions: " +
    'import * as tf from "@tensorflow/tfjs"; tf.tensor([1, 2])',
  plt: "`plt` is Matplotlib's, a library of Python.",
  pd: "`pd` is Pandas', a library of Python.",
  len: "Here: the property `length` (of a Map or Set `size`)",
  range: "Here: Array.from({ length: 3 }, (_, i) => i), or for (let i = 0; i < 3; i++) { … }",
  None: "Here: null, or undefined",
  True: "Here: true",
  False: "Here: false",
  self: "Here: this",
  str: "Here: String(…)",
  int: "Here: Math.trunc(Number(…))",
  float: "Here: Number(…)",
  elif: "Here: else if (…) { … }",
  and: "Here: a && b",
  or: "Here: a || b",
  not: "Here: !a",
  is: "Here: a === b",
  sum: "Here: tf.sum(x) of a tensor; list.reduce((sum, value) => sum + value, 0) of an array",
  mean: "Here: tf.mean(x) of a tensor; list.reduce((sum, value) => sum + value, 0) / list.length of an array",
  max: "Here: tf.max(x) of a tensor; Math.max(a, b) or Math.max(...list) of numbers",
  min: "Here: tf.min(x) of a tensor; Math.min(a, b) or Math.min(...list) of numbers",
  abs: "Here: tf.abs(x) of a tensor; Math.abs(x) of a number",
  sqrt: "Here: tf.sqrt(x) of a tensor; Math.sqrt(x) of a number",
  exp: "Here: tf.exp(x) of a tensor; Math.exp(x) of a number",
  log: "Here: tf.log(x) of a tensor; Math.log(x) of a number; console.log(x) prints",
  round: "Here: Math.round(x); x.toFixed(2) is a text with two digits",
  pow: "Here: x ** 2 of numbers; tf.pow(x, 2) of a tensor",
  math: "Here: Math.sin(x), Math.PI",
  pi: "Here: Math.PI",
  sorted: "Here: [...list].sort((a, b) => a - b)",
  reversed: "Here: [...list].reverse()",
  enumerate: "Here: list.forEach((value, i) => …), or for (const [i, value] of list.entries()) { … }",
  zip: "Here: a.map((value, i) => [value, b[i]])",
  list: "Here: [...values]",
  dict: "Here: { name: value }, or new Map()",
  tuple: "Here: [a, b]",
  bool: "Here: Boolean(…)",
  type: "Here: typeof x",
  isinstance: 'Here: x instanceof tf.Tensor, or typeof x === "number"',
  torch: "`torch` is PyTorch's, a library of Python. Here: tf, from TensorFlow.js",
  keras: "`keras` is a library of Python. Here: tf.layers and tf.sequential, from TensorFlow.js",
};

/** Words of Python's in what is taken over from a line. */
const inTypeScript = (text: string): string =>
  text
    .replace(/^\((.*)\)$/, "$1")
    .replace(/\bTrue\b/g, "true")
    .replace(/\bFalse\b/g, "false")
    .replace(/\bNone\b/g, "null")
    .replace(/\s+and\s+/g, " && ")
    .replace(/\s+or\s+/g, " || ")
    .replace(/\bnot\s+/g, "!")
    .replace(/\blen\((\w+)\)/g, "$1.length");

/** The compiler's numbers below are of faults in how something is written. */
const FIRST_OF_MEANING = 2000;
/** "Duplicate identifier 'require'. Compiler reserves name 'require' in top level scope of a module." */
const RESERVED = 2441;
const RESERVED_HINT =
  "Each cell has `require` and `exports` from the beginning: `require` finds what is beside the notebook. " +
  "A variable of your own needs another name.";
const NO_SUCH_NAME = /^Cannot find name '([\w$]+)'/;

/** For a cell that the compiler refused. */
export function hintFor(source: string, diagnostics: readonly Diagnostic[]): Hint | undefined {
  if (asObject(source)) return { text: objectHint(source), instead: 1 };
  const lines = source.split(/\r?\n/);
  for (const { start, code } of diagnostics) {
    // A line that is not finished is blamed on the next.
    for (const at of [start.line, start.line - 1]) {
      const text = (lines[at] ?? "").trim();
      const isSyntax = code < FIRST_OF_MEANING;
      const said = saidOf(SHELL, text) ?? (isSyntax ? (saidOf(LINES, text) ?? saidOf(WITHIN, text)) : undefined);
      if (said) return { text: said, instead: at + 1 };
    }
  }
  const reserved = diagnostics.find(({ code }) => code === RESERVED);
  if (reserved) return { text: RESERVED_HINT };
  for (const { messageText, start } of diagnostics) {
    const name = NO_SUCH_NAME.exec(messageText)?.[1];
    if (!name) continue;
    if (isNamedArgument(name, lines[start.line] ?? "")) return { text: NAMED_ARGUMENT };
    if (Object.hasOwn(NAMES, name)) return { text: NAMES[name] };
    const assigned = new RegExp(`^\\s*${name.replaceAll("$", "\\$")}\\s*=[^=>]\\s*(.*?);?\\s*$`).exec(
      lines[start.line] ?? "",
    );
    if (assigned) return { text: `A variable is declared before it gets a value: let ${lines[start.line].trim()}` };
  }
  const meaning = meaningOf(source, diagnostics);
  return meaning === undefined ? undefined : { text: meaning };
}

function saidOf(all: readonly [RegExp, Say][], text: string): string | undefined {
  for (const [pattern, say] of all) {
    const found = pattern.exec(text);
    if (found) return say(...found.slice(1).map((each) => each ?? ""));
  }
  return undefined;
}

/** A text in braces that would be an object, were it not at the beginning. */
const asObject = (source: string): boolean => /^\s*\{\s*(["'][^"'\n]*["']|[\w$]+)\s*:[^]*\}\s*$/.test(source);

const objectHint = (source: string): string =>
  `Braces at the beginning of a cell are a block of statements. An object needs parentheses: ` +
  `(${source.trim().replace(/\s+/g, " ").slice(0, 60)})`;

/** For a cell that ends with a promise that nobody waits for: nothing is shown but that there is one. */
export function hintForPromise(source: string): string {
  const last = source.trimEnd().split(/\r?\n/).at(-1)!.trim().replace(/;$/, "");
  const isCall = /^[\w$.]+\(.*\)$/.test(last) && last.length <= 60;
  return `This is a promise of something that is there later. To wait for it: await ${isCall ? last : "…"}`;
}

/** For a cell that runs, and does what nobody wants: one that is nothing but a block with a label. */
export function hintForBlock(ts: typeof tsTypes, source: string): string | undefined {
  if (!asObject(source)) return undefined;
  const { statements } = ts.createSourceFile("cell.ts", source, ts.ScriptTarget.ES2022);
  const [block] = statements;
  return statements.length === 1 && ts.isBlock(block) && block.statements.every((each) => ts.isLabeledStatement(each))
    ? objectHint(source)
    : undefined;
}
