/**
 * The object that holds what cells, or one of the student's files, declare. The compiled code defines imported names as
 * read-only getters and redeclares names freely; here such a getter stays live (a file that is loaded again shows its new
 * values) until a later cell declares the name, or imports it from elsewhere.
 * @param marked whether the object says that it is an ES module, which makes `import x from` take its `default`
 */
export function createExports(marked = false): Record<string, unknown> {
  return new Proxy({}, {
    defineProperty: (target, name, attributes) => {
      if (name === "__esModule" && !marked) return true;
      if (typeof name === "symbol") return true;
      const { get } = attributes;
      const settled: PropertyDescriptor = { enumerable: name !== "__esModule", configurable: true };
      if (!get) return Reflect.defineProperty(target, name, { ...settled, writable: true, value: attributes.value });
      const set = (value: unknown): void => void Reflect.defineProperty(target, name, { ...settled, writable: true, value });
      return Reflect.defineProperty(target, name, { ...settled, get, set });
    },
  });
}
