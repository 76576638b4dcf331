/** Output is coloured unless NO_COLOR is set (no-color.org). */
export const coloured = !process.env.NO_COLOR;

const paint =
  (open: number, close: number) =>
  (text: string): string =>
    coloured && text ? `\u001b[${open}m${text}\u001b[${close}m` : text;

export const red = paint(31, 39);
export const green = paint(32, 39);
export const cyan = paint(36, 39);
export const faint = paint(2, 22);
