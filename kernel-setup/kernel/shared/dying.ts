/** What V8 writes when it gives up; nothing but that and Node's report follows. */
const GIVES_UP = /\n*(<--- (Last few GCs|JS stacktrace) --->|FATAL ERROR: )[^]*/;

/** Divides what was written into what somebody printed, and an engine's last words to those who look after it. */
export function dividedAtTheEnd(text: string): { printed: string; dying: string } {
  const dying = GIVES_UP.exec(text)?.[0] ?? "";
  return { printed: text.slice(0, text.length - dying.length), dying };
}
