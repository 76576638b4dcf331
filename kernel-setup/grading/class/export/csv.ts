/**
 * Spreadsheets take what begins with these for a formula, also in quotes and after spaces; the last four are their wide
 * forms.
 */
const formula = /^[\s\u00a0\ufeff]*[=+\-@\t\r\n＝＋－＠]/u;
/**
 * Where a semicolon or a tab parts the fields, as in half of Europe, quotes in the middle of a line protect nothing.
 */
const laterFormula = /([;\t][\s\u00a0\ufeff"]*)(?=[=+\-@＝＋－＠])/gu;

/**
 * RFC 4180: commas, quotes doubled, lines end with CR LF. Numbers stand as they are; text that a spreadsheet would
 * calculate gets an apostrophe before it, which shows it as text.
 */
export function csv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => row.map(field).join(",")).join("\r\n") + "\r\n";
}

function field(value: string | number): string {
  if (typeof value === "number") return Number.isFinite(value) ? String(Number(value.toFixed(4))) : "";
  const text = value.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, "").replace(/\r\n?|\n/g, " ");
  const first = formula.test(value) || formula.test(text) ? `'${text}` : text;
  const safe = first.replace(laterFormula, "$1'");
  return /[",;'\t]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
