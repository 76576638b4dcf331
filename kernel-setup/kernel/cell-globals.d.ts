/*
 * What every cell may call without importing it. This file is part of each cell's program; it is read where it lies.
 */

/** Asks whoever sits before the notebook, and waits for the answer: `const name = await prompt("Your name? ")`. */
declare function prompt(text?: string): Promise<string>;

/** As `prompt`, without showing what is typed. */
declare function getpass(text?: string): Promise<string>;
