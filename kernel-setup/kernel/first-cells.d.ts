/*
 * What the first cells may use besides the language while the declarations of Node, TensorFlow.js and the library are
 * not read yet: as Node declares it, in part. A cell that uses more has them read.
 */

interface Console {
  debug(message?: unknown, ...optionalParams: unknown[]): void;
  error(message?: unknown, ...optionalParams: unknown[]): void;
  info(message?: unknown, ...optionalParams: unknown[]): void;
  log(message?: unknown, ...optionalParams: unknown[]): void;
  table(tabularData: unknown, properties?: readonly string[]): void;
  time(label?: string): void;
  timeEnd(label?: string): void;
  warn(message?: unknown, ...optionalParams: unknown[]): void;
}

// As a property of `globalThis`.
// eslint-disable-next-line no-var
declare var console: Console;
