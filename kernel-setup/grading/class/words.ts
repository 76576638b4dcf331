/**
 * Words from outside for a line of a terminal or a table: a student's error can have many lines, signs that steer a
 * terminal, and no end.
 */
export function oneLine(text: string, most = 300): string {
  // A hundred thousand lines are not looked at for three hundred letters.
  const line = text
    .slice(0, 20 * most)
    .replace(/\s+/gu, " ")
    .replace(/\p{C}/gu, "")
    .trim();
  return clip(line, most);
}

/** The line of a program's last words that names the error, else the last one. */
export function errorLine(said: string): string {
  const errors = said.match(/^[\w.]*(?:Error|Exception)\b.*$/gm);
  return oneLine((errors ?? said.trim().split("\n")).at(-1)!, 200).replace(/\.$/, "");
}

export const clip = (text: string, most: number): string =>
  [...text].length > most ? `${[...text].slice(0, most - 1).join("")}…` : text;

/** The first of many lines, and how many more there are. */
export const firstLines = (lines: readonly string[], most: number): string[] =>
  lines.length <= most ? [...lines] : [...lines.slice(0, most), `and ${lines.length - most} more`];
