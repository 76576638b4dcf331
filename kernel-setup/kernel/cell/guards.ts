/** Calling `process.exit` in a cell would take the whole notebook's state along. Returns the real one. */
export function forbidExit(): (code?: number) => never {
  const exit = process.exit.bind(process) as (code?: number) => never;
  process.exit = (code) => {
    throw new Error(`process.exit(${code ?? ""}) was called in a cell. To stop the cell throw an error; to end the kernel use the Kernel menu.`);
  };
  return exit;
}
