/** A file beside a notebook, for the tests of the debugger. */
interface Named {
  name: string;
}

export function tripled(value: number): number {
  const { name }: Named = { name: "tripled" };
  return name.length > 0 ? value * 3 : 0;
}
