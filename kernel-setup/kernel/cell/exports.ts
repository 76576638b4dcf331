/**
 * The object that holds what cells declare. The compiled code defines named imports as read-only getters and redeclares
 * names freely; here both become plain assignments, so that a later cell can import or declare the same name again.
 */
export function createExports(): Record<string, unknown> {
  const target: Record<string, unknown> = {};
  return new Proxy(target, {
    defineProperty: (_target, name, attributes) => {
      if (name === "__esModule" || typeof name === "symbol") return true;
      target[name] = attributes.get ? attributes.get() : attributes.value;
      return true;
    },
  });
}
