// State that is there once, and settings from outside: the same in Node and in a browser.

/**
 * State that a process has once, also where the library is loaded twice: its TypeScript sources in a test beside its
 * compiled form in a notebook. TensorFlow.js has one engine and one registry of gradients for both.
 * @param name of the state, the same wherever it is asked for: `vitrine.relu-rule`
 * @param make what it is at first
 * @returns gives the state; it is quick, since some is asked for at every operation
 */
export function oncePerProcess<State extends object>(name: string, make: () => State): () => State {
  const holder = globalThis as unknown as Record<symbol, State | undefined>,
    key = Symbol.for(name);
  return () => (holder[key] ??= make());
}

/** A setting from the environment, `VITRINE_BACKEND`; undefined where it is not set, and in a browser. */
export const environment = (name: string): string | undefined =>
  typeof process === "undefined" ? undefined : process.env[name];
