// Values as the debugger's panel shows them. Runs no code of the student's: not even getters.
import { inspect, types } from "util";
import { cornerOf, nested } from "../cell/result";

/** A value in one line, and what it is. */
interface Description {
  value: string;
  type: string;
  /** There is something in it to look at. */
  open: boolean;
}

/** In the panel an array is opened this many elements at a time. */
const PART = 100;
const LONGEST = 300;

/** What `import * as name` gives: all of it is there to be read only. */
export function isModule(value: unknown): boolean {
  if (typeof value !== "object" || value === null || types.isProxy(value)) return false;
  if (types.isModuleNamespaceObject(value) || Object.hasOwn(value, "__esModule")) return true;
  if (!Object.hasOwn(value, "default")) return false;
  const { default: _default, ...rest } = Object.getOwnPropertyDescriptors(value) as PropertyDescriptorMap;
  return Object.values(rest).some(({ get }) => get) && Object.values(rest).every(({ get, set }) => get && !set);
}

const SHORTLY = {
  depth: 1,
  breakLength: Infinity,
  compact: true,
  maxArrayLength: 10,
  maxStringLength: 80,
  customInspect: false,
  showProxy: true,
};

/** Some elements of an array that has too many to show at once. */
class Part {
  constructor(
    readonly of: ArrayLike<unknown>,
    readonly from: number,
    readonly to: number,
  ) {}
}

/** A property that must be computed. */
class Getter {
  constructor(readonly settable: boolean) {}
}

interface TensorLike {
  shape: number[];
  dtype: string;
  isDisposedInternal?: boolean;
  dataSync(): ArrayLike<unknown>;
}

/** Without reading what may be a getter of the student's. */
function tensor(value: object): TensorLike | undefined {
  const own = (name: string): unknown => Object.getOwnPropertyDescriptor(value, name)?.value;
  return own("dataId") !== undefined && Array.isArray(own("shape")) && typeof own("dtype") === "string"
    ? (value as TensorLike)
    : undefined;
}

export function describe(value: unknown): Description {
  if (types.isProxy(value)) return { value: short(inspect(value, SHORTLY)), type: "Proxy", open: false };
  if (value instanceof Part)
    return { value: `[${value.from} … ${value.to - 1}]`, type: `${value.to - value.from} elements`, open: true };
  if (value instanceof Getter) return { value: value.settable ? "[Getter/Setter]" : "[Getter]", type: "", open: false };
  if (value === null) return { value: "null", type: "null", open: false };
  if (typeof value !== "object" && typeof value !== "function")
    return { value: short(inspect(value, { maxStringLength: LONGEST })), type: typeof value, open: false };
  const found = typeof value === "object" ? tensor(value) : undefined;
  if (found) {
    const heading = `Tensor ${found.dtype} [${found.shape.join(", ")}]`;
    return { value: found.isDisposedInternal ? `${heading} (disposed)` : heading, type: "Tensor", open: true };
  }
  if (isModule(value)) return { value: `module, ${Object.keys(value).length} exports`, type: "module", open: true };
  return {
    value: short(inspect(value, SHORTLY)),
    type: typeof value === "function" ? "function" : className(value),
    open: hasChildren(value),
  };
}

function hasChildren(value: object): boolean {
  if (value instanceof Map || value instanceof Set) return value.size > 0;
  return typeof value === "function"
    ? properties(value, false).length > 0
    : Reflect.ownKeys(value).some(isShown(value));
}

/** An array's length is told already. */
const isShown =
  (value: object) =>
  (key: string | symbol): boolean =>
    !(Array.isArray(value) && key === "length");

/** What is in a value, by name. */
export function children(value: unknown): [string, unknown][] {
  // It would run the student's handler.
  if (types.isProxy(value)) return [];
  if (value instanceof Part) return elements(value.of, value.from, value.to);
  if (value instanceof Map)
    return [...(value as Map<unknown, unknown>)].map(([key, held], i) =>
      typeof key === "object" && key !== null
        ? [`${i}`, { key, value: held }]
        : [`${typeof key === "string" ? JSON.stringify(key) : String(key)} →`, held],
    );
  if (value instanceof Set) return elements([...value], 0, value.size);
  if (typeof value !== "object" && typeof value !== "function") return [];
  const listed = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
  const list = listed ? elements(value as ArrayLike<unknown>, 0, (value as ArrayLike<unknown>).length) : [];
  return [...list, ...properties(value as object, listed)];
}

function elements(of: ArrayLike<unknown>, from: number, to: number): [string, unknown][] {
  const count = to - from;
  if (count <= PART) return Array.from({ length: count }, (_, i) => [String(from + i), of[from + i]]);
  let step = PART;
  while (count / step > PART) step *= PART;
  return Array.from({ length: Math.ceil(count / step) }, (_, i): [string, unknown] => {
    const start = from + i * step,
      end = Math.min(to, start + step);
    return [`[${start} … ${end - 1}]`, new Part(of, start, end)];
  });
}

function properties(value: object, listed: boolean): [string, unknown][] {
  const found: [string, unknown][] = [];
  // An array's elements are there already.
  if (!listed)
    for (const key of Reflect.ownKeys(value)) {
      const property: PropertyDescriptor = Object.getOwnPropertyDescriptor(value, key) ?? {};
      const held: unknown = property.get || property.set ? new Getter(!!property.set) : property.value;
      found.push([typeof key === "symbol" ? `[${String(key)}]` : key, held]);
    }
  if (typeof value !== "function") return found;
  const machinery = ["length", "name", "prototype", "arguments", "caller"];
  return found.filter(([name]) => !machinery.includes(name));
}

function className(value: object): string {
  try {
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype === null) return "object";
    const maker = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value as { name?: unknown } | undefined;
    return typeof maker?.name === "string" && maker.name ? maker.name : "object";
  } catch {
    return "object";
  }
}

const short = (text: string): string => {
  const line = text.replace(/\s*\n\s*/g, " ");
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
};

/** A variable's full text while the program stands still, when nothing can be awaited. */
export function fullText(value: unknown): string {
  const found = typeof value === "object" && value && !types.isProxy(value) ? tensor(value) : undefined;
  if (!found) return inspect(value, { depth: 4, customInspect: false, showProxy: true });
  const { value: heading } = describe(value);
  if (found.isDisposedInternal) return heading;
  if (found.shape.includes(0)) return `${heading} (empty)`;
  try {
    const data = found.dataSync();
    return `${heading}\n${found.shape.length > 0 ? corner(data, found.shape) : String(data[0])}`;
  } catch {
    // Its backend computes later only.
    return heading;
  }
}

/** Taken from the values, because slicing the tensor might be recorded by a gradient that is being computed. */
function corner(data: ArrayLike<unknown>, shape: number[]): string {
  const size = cornerOf(shape);
  const values = (axis: number, start: number): unknown[] => {
    if (axis === shape.length) return [data[start]];
    const step = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
    return Array.from({ length: size[axis] }, (_, i) => values(axis + 1, start + i * step)).flat();
  };
  return nested(values(0, 0), size, shape, "");
}
