type Exports = Record<string, unknown>;

/** The object that holds what cells declare. */
export function createExports(): Exports {
  return Object.create(null) as Exports;
}

/**
 * Stands for `Object.defineProperty` in compiled code, which defines imported names as read-only getters. Here such a
 * getter stays live (a file that is loaded again shows its new values) until the name is assigned to, because a later
 * cell declares it or imports it from elsewhere.
 */
export function defineExport(exports: object, name: PropertyKey, { get, value }: PropertyDescriptor): boolean {
  const settled = (held: unknown): PropertyDescriptor => ({
    enumerable: name !== "__esModule",
    configurable: true,
    writable: true,
    value: held,
  });
  if (!get) return Reflect.defineProperty(exports, name, settled(value));
  const set = (held: unknown): void => void Reflect.defineProperty(exports, name, settled(held));
  return Reflect.defineProperty(exports, name, { enumerable: true, configurable: true, get, set });
}

/** The object that holds what one of the student's files exports; it may run again. */
export function fileExports(): Exports {
  return new Proxy({}, { defineProperty: (target, name, attributes) => defineExport(target, name, attributes) });
}
