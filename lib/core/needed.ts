// npm packages that not everybody needs: asked for by name where a call needs one.
import { VitrineError } from "./errors";

/**
 * Loads a package that may not be installed.
 * @param name of the package, as npm has it
 * @param what needs it, the beginning of a sentence: `Drawing a figure in Node`
 * @throws VitrineError that says how to install it
 */
export function needed<T>(name: string, what: string, load: () => T): T {
  try {
    return load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "MODULE_NOT_FOUND" && message.includes(`'${name}`))
      throw new VitrineError(`${what} needs the npm package ${name}, which is not installed: npm install ${name}`);
    throw error;
  }
}
