import util = require("node:util");

/**
 * tfjs-node calls two functions that Node 23 removed and that Node 22 complains about at every call. Defining
 * both before it loads is enough for it to run (seen on 20, 22 and 24).
 */
export function restoreRemovedUtilities(): void {
  Object.assign(util, {
    isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined,
    isArray: Array.isArray,
  });
}
