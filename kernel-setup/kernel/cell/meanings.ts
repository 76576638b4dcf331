// What the compiler's commonest messages mean, for people who see them for the first time: a line under its own.
import type { Diagnostic } from "./tslab";

type Say = (found: RegExpExecArray, line: string) => string | undefined;

const AWAIT =
  "A promise is what will be there later. `await` before the call waits for it: const model = await loadModel(…)";
const RETURN = "What the function computes is handed out by `return …`, on every way through it.";

const NUMBERS_OUT =
  "What is asked for is a number. Numbers out of a tensor: x.dataSync()[0] the first, " +
  "x.arraySync()[0][1] by its place.";
const JOINED = "One tensor of several: tf.concat(list) joins batches, tf.stack(list) adds an axis in front.";

/** By the words of a message; the first that fits is told. `line`: what was written there. */
const MEANINGS: readonly [RegExp, Say][] = [
  [
    /tf\.tidy takes no async function/,
    () =>
      "tf.tidy takes no async function: what is awaited stands outside of it, and within it x.dataSync() reads " +
      "values at once.",
  ],
  [
    /^The return type of an async function or method must be/,
    (_, line) =>
      /\btf\./.test(line) || !/Promise/.test(line)
        ? "An async function gives a promise. To give the value at once: no `async` and no `await`, and x.dataSync() " +
          "or x.arraySync() for x.data() and x.array()."
        : undefined,
  ],
  [
    /(?:can't be used to index|was found on) type 'Promise<(?:Uint8Array|Float32Array|Int32Array)/,
    () => "x.data() is a promise: (await x.data())[0]; or x.dataSync()[0], which waits by itself.",
  ],
  [/(?:can't be used to index|was found on) type 'Promise</, () => AWAIT],
  [
    /^(?:Argument of type|Type) 'Promise<.*?>' is not assignable|^Property '\w+' does not exist on type 'Promise<|^Property '.*' is missing in type 'Promise</,
    () => AWAIT,
  ],
  [
    /'Rank' is not assignable to type '(?:Rank\.)?R?(?:Rank\.R)?(\d)'/,
    (found) =>
      `TypeScript does not know how many axes this tensor has, and ${found[1]} are asked for. A function that takes ` +
      `any tensor says (x: tf.Tensor); where you know the number, say so: const x: tf.Tensor${found[1]}D = …`,
  ],
  [
    /'Rank\.R(\d)' is not assignable to type '(?:Rank\.)?R?(?:Rank\.R)?(\d)'/,
    (found) =>
      `This tensor has ${axes(found[1])}, and ${found[2]} are asked for: tf.reshape, tf.expandDims, or keepDims (the ` +
      "`true` in tf.mean(x, 0, true)) change that.",
  ],
  [
    /^(?:Parameter|Binding element|Rest parameter) '(\w+)' implicitly has an 'any(?:\[\])?' type/,
    (found) =>
      `Nothing here tells what \`${found[1]}\` is: say it, for instance (${found[1]}: number) or ` +
      `(${found[1]}: tf.Tensor).`,
  ],
  [
    /^A function whose declared type is neither .* must return a value|^Function lacks ending return statement/,
    () => RETURN,
  ],
  [/^Not all code paths return a value/, () => RETURN],
  [
    /^(?:Argument of type|Type) 'void' is not assignable to/,
    () => `A function without \`return\` gives nothing. ${RETURN}`,
  ],
  [
    /^Type 'void\b.*is not assignable to type '.*Tensor|^Type '\(\) => void' is not assignable/,
    () => `A function without \`return\` gives nothing. ${RETURN}`,
  ],
  [
    /^Expected (.+?) arguments?, but got (\d+)/,
    (found, line) => `${countOf(found[1], Number(found[2]))} Shift+Tab within its brackets shows which.${named(line)}`,
  ],
  [
    /^(?:'(.+)' is|Object is) possibly '(undefined|null)'/,
    (found) => {
      const what = found[1];
      return what === undefined
        ? "It may be that there is none. Where you know that there is, write `!` behind it; otherwise: value?.name"
        : "It may be that there is none. Where you know that there is, write `!` behind it, " +
            `${what}!; otherwise ask: if (${what} !== ${found[2]}) { … }`;
    },
  ],
  [
    /^Type '(null|undefined)' is not assignable to type '([\w.[\]]+)'/,
    (found) => `A variable that may have no value says so: let x: ${found[2]} | ${found[1]}`,
  ],
  [
    /^Type '.*(undefined|null).*' is not assignable to type '([\w.[\]]+)'/,
    (found) =>
      `It may be ${found[1]}. Where you know that it is not, write \`!\` behind it; or give another value: x ?? 0`,
  ],
  [/^Operator '.+' cannot be applied to types .*(?:Tensor|Scalar|Variable)/, (_, line) => arithmetic(line)],
  [
    /^The (?:left|right)-hand side of an arithmetic operation must be/,
    (_, line) => {
      const text = /((["']).*?\2)\s*\*\s*(\w+)/.exec(line);
      return text ? `A text several times: ${text[1]}.repeat(${text[3]})` : arithmetic(line);
    },
  ],
  [
    /^Argument of type 'Tensor.*' is not assignable to parameter of type 'number'/,
    (_, line) => {
      const name = /\bMath\.(abs|max|min|sqrt|exp|log|sign|pow|sin|cos|round|floor)\b/.exec(line)?.[1];
      return name ? `Math.${name} is for numbers. Of a tensor: tf.${name}(x)` : NUMBERS_OUT;
    },
  ],
  [
    /^Type 'number' is not assignable to type '(?:Tensor|Scalar)/,
    () => "A tensor is asked for. What tf.grad differentiates stays one to the end: no dataSync or arraySync within.",
  ],
  [
    /^Type '(?:Tensor|Scalar)\b.*' is not assignable to type 'number'/,
    (_, line) => {
      const name = /^\s*(\w+)\s*[-+*/]?=[^=]/.exec(line)?.[1];
      return name
        ? `\`${name}\` began as a number and cannot become a tensor. A sum of tensors begins with one of their ` +
            `shape: let ${name}: tf.Tensor4D = tf.zerosLike(images)`
        : NUMBERS_OUT;
    },
  ],
  [
    /^Type '(?:any|Tensor.*|Scalar)\[\]' is (?:missing the following properties from|not assignable to) type 'Tensor/,
    () => JOINED,
  ],
  [
    /^Type 'number\[\]' is missing the following properties from type '(\w+)': ([\w, ]+)/,
    (found) =>
      /Tensor|Scalar|Variable/.test(found[1])
        ? undefined
        : `A ${found[1]} has names: { ${found[2]
            .split(/,\s*/)
            .map((name) => `${name}: …`)
            .join(", ")} }`,
  ],
  [
    /^Type 'number\[\](?:\[\])?' is not assignable to type '(?!Tensor|Scalar)([A-Z]\w+)(?:\[\])?'/,
    (found) =>
      `TypeScript takes a list of numbers for one of any length. Say what it is where it begins: let best: ` +
      `${found[1]} = […]; const all: ${found[1]}[] = [];`,
  ],
  [
    /^Argument of type 'number' is not assignable to parameter of type '(?:readonly )?number\[\]/,
    () => "Numbers that belong together, such as the sizes of a shape, stand in one list: tf.ones([2, 3])",
  ],
  [
    /can't be used to index type '(?:Tensor|Scalar|Variable)|^Type 'Tensor.*' must have a '\[Symbol\.iterator\]/,
    () =>
      "A tensor is no list. Its parts: tf.unstack(x)[0], x.slice([0], [1]); its numbers: x.arraySync()[0]. " +
      "Column j: x.slice([0, j], [-1, 1])",
  ],
  [
    /^This expression is not callable/,
    (_, line) => {
      const property = /\.(shape|dtype|rank|size|length)\s*\(/.exec(line)?.[1];
      return property && `\`${property}\` is a property: without brackets.`;
    },
  ],
  [/^Property '(\w+)' does not exist on type '(.+)'/, (found) => propertyHint(found[1], found[2])],
  [
    /^Element implicitly has an 'any' type because expression of type '.*' can't be used to index type '\{/,
    () => "An object whose names are not known beforehand says so: const all: Record<string, number> = {}",
  ],
  [
    /^Cannot assign to '(\w+)' because it is a constant/,
    (found) => `A variable that changes is declared with let: let ${found[1]} = …`,
  ],
  [
    /^Left side of comma operator is unused/,
    (_, line) => {
      const several = /^\s*(\w+(?:\s*,\s*\w+)+)\s*=\s*(.+?);?\s*$/.exec(line);
      if (several) return `Several at once: let [${several[1]}] = [${several[2]}]`;
      return /\(\s*\(|=\s*\(/.test(line) ? "A list stands in square brackets: [3, 3]" : undefined;
    },
  ],
  [
    /^Argument of type '(.+)\[\]' is not assignable to parameter of type '\1'/,
    (_, line) => {
      const call = /(Math\.\w+)\(\s*([\w.]+)\s*\)/.exec(line);
      const spread = call ? `${call[1]}(...${call[2]})` : "f(...list)";
      return `One after another, not a list: three dots spread it, ${spread}`;
    },
  ],
  [
    /^A 'return' statement can only be used within a function/,
    () => "A cell shows the value of its last line: write it without `return`.",
  ],
  [
    /^'await' expressions are only allowed within async functions/,
    () => "A function that awaits says so: async function … or async () => …",
  ],
];

const axes = (count: string): string => `${count} ax${count === "1" ? "is" : "es"}`;

function countOf(wanted: string, got: number): string {
  const least = Number(/\d+/.exec(wanted)?.[0]);
  const many = /^1$/.test(wanted) ? "1 argument" : `${wanted.replace("-", " to ")} arguments`;
  return got < least
    ? `The function takes ${many}, and ${got} ${got === 1 ? "is" : "are"} given.`
    : `The function takes ${many}; ${got} are too many.`;
}

const NAMED = /[(,]\s*(\w+)\s*=(?![=>])/;
const named = (line: string): string =>
  NAMED.test(line) ? " Arguments go by their places, not by names: tf.sum(x, 0, true)" : "";

function arithmetic(line: string): string {
  const names = { "+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow" } as const;
  const found = /([\w.]+)\s*(\*\*|[-+*/])\s*([\w.]+)/.exec(line);
  const behind = found ? undefined : /[)\]]\s*(\*\*|[-+*/])\s*[\w(]/.exec(line)?.[1];
  const call = found
    ? `tf.${names[found[2] as "+"]}(${found[1]}, ${found[3]})`
    : behind && `tf.${names[behind as "+"]}(a, b)`;
  return `Signs such as + and * are for numbers. Tensors have functions: ${call || "tf.add(a, b), tf.mul(a, b)"}`;
}

function propertyHint(name: string, type: string): string | undefined {
  const tensors: Readonly<Record<string, string>> = {
    numpy: "Numbers out of a tensor: x.arraySync() nested, x.dataSync() in a row",
    item: "The number in a tensor: x.dataSync()[0]",
    tolist: "Numbers out of a tensor: x.arraySync()",
    length: "How many there are along the first axis: x.shape[0]",
    ndim: "The number of axes: x.rank",
    T: "x.transpose()",
    astype: 'x.cast("float32")',
    view: "x.reshape([…])",
    permute: "x.transpose([…])",
    std: "tf.moments(x).variance.sqrt()",
    backward: "Gradients are functions: tf.grad((x) => tf.sum(f(x)))(x)",
    grad: "Gradients are functions: tf.grad((x) => tf.sum(f(x)))(x)",
    requires_grad: "Gradients are functions: tf.grad((x) => tf.sum(f(x)))(x)",
    copy: "x.clone()",
    forEach: "x.dataSync().forEach((value) => …)",
    map: "Tensors are computed with as a whole: tf.mul(x, 2); or Array.from(x.dataSync(), (value) => …)",
  };
  const arrays: Readonly<Record<string, string>> = {
    append: "list.push(x)",
    extend: "list.push(...others)",
    sum: "list.reduce((sum, value) => sum + value, 0)",
    mean: "tf.mean(list), or list.reduce((sum, value) => sum + value, 0) / list.length",
    max: "Math.max(...list)",
    min: "Math.min(...list)",
    shape: "Of an array: list.length. Tensors have a shape: tf.tensor(list).shape",
    index: "list.indexOf(x)",
    copy: "[...list]",
    size: "list.length",
    count: "list.filter((value) => value === x).length",
    remove: "list.filter((value) => value !== x)",
  };
  const texts: Readonly<Record<string, string>> = {
    format: "`${value}` within a text in backticks; value.toFixed(3) has three digits",
    upper: "text.toUpperCase()",
    lower: "text.toLowerCase()",
    strip: "text.trim()",
    startswith: "text.startsWith(…)",
    endswith: "text.endsWith(…)",
    join: 'list.join(", ")',
  };
  const all =
    /Tensor|Scalar|Variable/.test(type) && !/\[\]$/.test(type)
      ? tensors
      : /\[\]$|^\[/.test(type)
        ? arrays
        : /^string$|^"/.test(type)
          ? texts
          : undefined;
  if (!all || !Object.hasOwn(all, name)) return undefined;
  // A sentence speaks for itself.
  return /^[A-Z][a-z]+ /.test(all[name]) ? all[name] : `Here: ${all[name]}`;
}

/** For `tf.sum(x, axis=0)`. */
export const NAMED_ARGUMENT =
  "Arguments go by their places, not by names: tf.sum(x, 0, true) for axis 0 and keepDims. Options stand in braces: " +
  "{ steps: 50 }";

/** Is a name that nobody declared given a value within brackets? */
export const isNamedArgument = (name: string, line: string): boolean =>
  new RegExp(`\\(.*\\b${name.replaceAll("$", "\\$")}\\s*=(?![=>])`).test(line);

/** A line for people, of the first message that has one. */
export function meaningOf(source: string, diagnostics: readonly Diagnostic[]): string | undefined {
  const lines = source.split(/\r?\n/);
  for (const [pattern, say] of MEANINGS)
    for (const { messageText, start, fileName } of diagnostics) {
      const found = fileName ? undefined : pattern.exec(messageText);
      const said = found && say(found, lines[start.line] ?? "");
      if (said) return said;
    }
  return undefined;
}
