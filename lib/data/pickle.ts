// Python's pickles: the opcodes that data needs, and no code.
import { FileError } from "../core/errors";
import { quoted } from "../core/text";
import type { ByteReader } from "./byte-reader";

/** Python's names of the pickle opcodes (pickletools), so that a refused one can be named. */
const opcodeNames: Readonly<Record<number, string>> = {
  0x28: "MARK",
  0x2e: "STOP",
  0x30: "POP",
  0x31: "POP_MARK",
  0x32: "DUP",
  0x46: "FLOAT",
  0x49: "INT",
  0x4a: "BININT",
  0x4b: "BININT1",
  0x4c: "LONG",
  0x4d: "BININT2",
  0x4e: "NONE",
  0x50: "PERSID",
  0x51: "BINPERSID",
  0x52: "REDUCE",
  0x53: "STRING",
  0x54: "BINSTRING",
  0x55: "SHORT_BINSTRING",
  0x56: "UNICODE",
  0x58: "BINUNICODE",
  0x61: "APPEND",
  0x62: "BUILD",
  0x63: "GLOBAL",
  0x64: "DICT",
  0x7d: "EMPTY_DICT",
  0x65: "APPENDS",
  0x67: "GET",
  0x68: "BINGET",
  0x69: "INST",
  0x6a: "LONG_BINGET",
  0x6c: "LIST",
  0x5d: "EMPTY_LIST",
  0x6f: "OBJ",
  0x70: "PUT",
  0x71: "BINPUT",
  0x72: "LONG_BINPUT",
  0x73: "SETITEM",
  0x74: "TUPLE",
  0x29: "EMPTY_TUPLE",
  0x75: "SETITEMS",
  0x47: "BINFLOAT",
  0x80: "PROTO",
  0x81: "NEWOBJ",
  0x82: "EXT1",
  0x83: "EXT2",
  0x84: "EXT4",
  0x85: "TUPLE1",
  0x86: "TUPLE2",
  0x87: "TUPLE3",
  0x88: "NEWTRUE",
  0x89: "NEWFALSE",
  0x8a: "LONG1",
  0x8b: "LONG4",
  0x42: "BINBYTES",
  0x43: "SHORT_BINBYTES",
  0x8c: "SHORT_BINUNICODE",
  0x8d: "BINUNICODE8",
  0x8e: "BINBYTES8",
  0x8f: "EMPTY_SET",
  0x90: "ADDITEMS",
  0x91: "FROZENSET",
  0x92: "NEWOBJ_EX",
  0x93: "STACK_GLOBAL",
  0x94: "MEMOIZE",
  0x95: "FRAME",
  0x96: "BYTEARRAY8",
  0x97: "NEXT_BUFFER",
  0x98: "READONLY_BUFFER",
};

/** A Python callable that a pickle may use, in our own words: data in, data out. Nothing else can be called. */
export class PickleFunction {
  constructor(readonly call: (args: readonly unknown[]) => unknown) {}
}

export interface PickleRules {
  /** What `module.name` stands for (a {@link PickleFunction}, or a mere name), or undefined where it is refused. */
  global(qualifiedName: string): object | undefined;
  /** What a persistent id (a storage) stands for. */
  persistent(id: unknown): unknown;
  /** Gives `target` its state. Default: dictionaries only, whose attributes are dropped. */
  build?(target: unknown, state: unknown): void;
}

const mark = Symbol("mark");

/**
 * Reads one pickle from `reader` and moves it behind. A pickle is a program; this understands the few instructions
 * that build plain data, and calls only what `rules` knows: everything else is refused by name.
 * Dictionaries become Maps, tuples and lists arrays, long integers bigints.
 * @throws FileError
 */
export function unpickle(reader: ByteReader, rules: PickleRules): unknown {
  const { file } = reader;
  const stack: unknown[] = [],
    memo = new Map<number, unknown>();
  const corrupt = (problem: string): never => {
    throw new FileError(file, `holds a corrupt pickle: ${problem}`);
  };
  const pop = (): unknown => {
    if (stack.length === 0 || stack[stack.length - 1] === mark) corrupt("its stack is empty");
    return stack.pop();
  };
  const top = (): unknown => (stack.length ? stack[stack.length - 1] : corrupt("its stack is empty"));
  const popToMark = (): unknown[] => {
    const at = stack.lastIndexOf(mark);
    if (at < 0) corrupt("a mark is missing");
    const items = stack.splice(at + 1);
    stack.pop();
    return items;
  };
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : corrupt("a list is expected"));
  const dictionary = (value: unknown): Map<unknown, unknown> =>
    value instanceof Map ? value : corrupt("a dictionary is expected");
  const setItems = (items: unknown[]): void => {
    if (items.length % 2) corrupt("a key has no value");
    const target = dictionary(top());
    for (let i = 0; i < items.length; i += 2) target.set(items[i], items[i + 1]);
  };
  const recall = (key: number): unknown =>
    memo.has(key) ? memo.get(key) : corrupt(`it recalls value ${key}, which it never stored`);
  const findGlobal = (module: unknown, name: unknown): object => {
    if (typeof module !== "string" || typeof name !== "string") return corrupt("a global's name is no text");
    const qualified = `${module}.${name}`,
      found = rules.global(qualified);
    if (!found)
      throw new FileError(
        file,
        `is refused: its pickle asks for ${quoted(qualified).slice(1, -1)}, and only the rebuilding of tensors ` +
          `is allowed`,
        "Such a file can run any program: do not load it with anything else either, unless you trust its maker.",
      );
    return found;
  };
  const integer = (bytes: Uint8Array): number | bigint => {
    let value = 0n;
    for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]);
    if (bytes.length && bytes[bytes.length - 1] & 0x80) value -= 1n << BigInt(8 * bytes.length);
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  };

  for (;;) {
    const opcode = reader.u8("a pickle instruction");
    switch (opcodeNames[opcode]) {
      case "PROTO": {
        const version = reader.u8("the protocol");
        if (version > 5) corrupt(`its protocol is ${version}`);
        break;
      }
      case "FRAME":
        reader.take(8, "a frame");
        break;
      case "STOP":
        return pop();
      case "MARK":
        stack.push(mark);
        break;
      case "POP":
        if (stack.pop() === undefined) corrupt("its stack is empty");
        break;
      case "POP_MARK":
        popToMark();
        break;
      case "NONE":
        stack.push(null);
        break;
      case "NEWTRUE":
        stack.push(true);
        break;
      case "NEWFALSE":
        stack.push(false);
        break;
      case "BININT":
        stack.push(reader.i32("a number"));
        break;
      case "BININT1":
        stack.push(reader.u8("a number"));
        break;
      case "BININT2":
        stack.push(reader.u16("a number"));
        break;
      case "LONG1":
        stack.push(integer(reader.take(reader.u8("a number"), "a number")));
        break;
      case "BINFLOAT":
        stack.push(reader.f64BigEndian("a number"));
        break;
      case "BINUNICODE":
        stack.push(reader.utf8(reader.u32("a text"), "a text"));
        break;
      case "SHORT_BINUNICODE":
        stack.push(reader.utf8(reader.u8("a text"), "a text"));
        break;
      case "SHORT_BINSTRING":
        stack.push(reader.ascii(reader.u8("a text"), "a text"));
        break;
      case "BINSTRING":
        stack.push(reader.ascii(reader.u32("a text"), "a text"));
        break;
      case "BINBYTES":
        stack.push(reader.take(reader.u32("bytes"), "bytes"));
        break;
      case "SHORT_BINBYTES":
        stack.push(reader.take(reader.u8("bytes"), "bytes"));
        break;
      case "EMPTY_TUPLE":
      case "EMPTY_LIST":
        stack.push([]);
        break;
      case "TUPLE":
      case "LIST":
        stack.push(popToMark());
        break;
      case "TUPLE1":
        stack.push([pop()]);
        break;
      case "TUPLE2": {
        const b = pop(),
          a = pop();
        stack.push([a, b]);
        break;
      }
      case "TUPLE3": {
        const c = pop(),
          b = pop(),
          a = pop();
        stack.push([a, b, c]);
        break;
      }
      case "APPEND": {
        const item = pop();
        list(top()).push(item);
        break;
      }
      case "APPENDS": {
        const items = popToMark(),
          target = list(top());
        for (const item of items) target.push(item);
        break;
      }
      case "EMPTY_DICT":
        stack.push(new Map());
        break;
      case "DICT": {
        const items = popToMark();
        stack.push(new Map());
        setItems(items);
        break;
      }
      case "SETITEM": {
        const value = pop(),
          key = pop();
        setItems([key, value]);
        break;
      }
      case "SETITEMS":
        setItems(popToMark());
        break;
      case "BINPUT":
        memo.set(reader.u8("a memo key"), top());
        break;
      case "LONG_BINPUT":
        memo.set(reader.u32("a memo key"), top());
        break;
      case "MEMOIZE":
        memo.set(memo.size, top());
        break;
      case "BINGET":
        stack.push(recall(reader.u8("a memo key")));
        break;
      case "LONG_BINGET":
        stack.push(recall(reader.u32("a memo key")));
        break;
      case "GLOBAL": {
        const module = line(reader),
          name = line(reader);
        stack.push(findGlobal(module, name));
        break;
      }
      case "STACK_GLOBAL": {
        const name = pop(),
          module = pop();
        stack.push(findGlobal(module, name));
        break;
      }
      case "BINPERSID":
        stack.push(rules.persistent(pop()));
        break;
      case "REDUCE": {
        const args = list(pop()),
          callable = pop();
        if (!(callable instanceof PickleFunction)) corrupt("it calls something that is no function");
        else stack.push(callable.call(args));
        break;
      }
      // The attributes of an OrderedDict (a state dict's `_metadata`): nothing we use.
      case "BUILD": {
        const state = pop();
        if (rules.build) rules.build(top(), state);
        else dictionary(top());
        break;
      }
      default: {
        const name = opcodeNames[opcode];
        const instruction = name ? `the instruction ${name}` : `an unknown instruction (${opcode})`;
        throw new FileError(
          file,
          `is refused: its pickle uses ${instruction}, and only the rebuilding of tensors is allowed`,
          "Save plain tensors (a state dict) with torch.save, or use safetensors.",
        );
      }
    }
  }
}

/** Text up to the end of the line; a module or a name, so never long. */
function line(reader: ByteReader): string {
  const end = reader.bytes.subarray(reader.offset, reader.offset + 512).indexOf(0x0a);
  const text = reader.utf8(end < 0 ? 512 : end, "a name");
  reader.take(1, "a name");
  return text;
}
