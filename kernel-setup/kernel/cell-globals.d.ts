/*
 * What every cell may call without importing it. This file is part of each cell's program; it is read where it lies.
 */

/** Asks whoever sits before the notebook, and waits for the answer: `const name = await prompt("Your name? ")`. */
declare function prompt(text?: string): Promise<string>;

/** As `prompt`, without showing what is typed. */
declare function getpass(text?: string): Promise<string>;

/**
 * Installs packages into `node_modules` beside the notebook, with npm: `await install("lodash-es@4")`. Without it:
 * `import x from "npm:lodash-es@4"`.
 */
declare function install(...packages: string[]): Promise<void>;
