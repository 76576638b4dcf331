import { refuseWhileMarked } from "./marking";
import { roleOf } from "./roles";

/**
 * The door through which a course's notebooks get `vitrine` (named in the project's package.json, under
 * `notebookDoors`): the library as it is, except that its methods refuse while a check runs a student's function. So no
 * method has to know that there are exams.
 * @param library what `vitrine` exports
 */
export default function door(library: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const guarded: Record<string, unknown> = {};
  for (const name of Object.keys(library)) {
    if (roleOf(name) !== "method") Object.defineProperty(guarded, name, { enumerable: true, get: () => library[name] });
    else Object.defineProperty(guarded, name, { enumerable: true, value: withRefusal(name, library[name]) });
  }
  return Object.defineProperty(guarded, "__esModule", { value: true });
}

/**
 * A function refuses when it is called; a table of functions, such as `objectives`, when anything is taken out of it.
 */
function withRefusal(name: string, value: unknown): unknown {
  if (typeof value !== "function" && (typeof value !== "object" || value === null)) return value;
  return new Proxy(value, {
    apply(target, self, args) {
      refuseWhileMarked(name);
      return Reflect.apply(target as (...all: unknown[]) => unknown, self, args) as unknown;
    },
    get(target, key, receiver) {
      refuseWhileMarked(name);
      return Reflect.get(target, key, receiver) as unknown;
    },
  });
}
