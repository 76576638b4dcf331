/** What `work` warns of, which is then not printed. */
export async function warnings(work: () => Promise<void>): Promise<string[]> {
  const said: string[] = [],
    { warn } = console;
  console.warn = (...words: unknown[]) => {
    said.push(words.join(" "));
  };
  try {
    await work();
  } finally {
    console.warn = warn;
  }
  return said;
}
