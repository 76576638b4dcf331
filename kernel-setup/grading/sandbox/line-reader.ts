/** Cuts bytes into lines; one that grows beyond the limit is given up. */
export class LineReader {
  private parts: Buffer[] = [];
  private size = 0;
  private over = false;

  constructor(
    private readonly most: number,
    private readonly line: (text: string) => void,
    private readonly tooLong: () => void,
  ) {}

  add(bytes: Buffer): void {
    let rest = bytes;
    while (!this.over) {
      const end = rest.indexOf(10);
      this.keep(end < 0 ? rest : rest.subarray(0, end));
      if (end < 0 || this.over) return;
      const text = Buffer.concat(this.parts).toString("utf8");
      this.parts = [];
      this.size = 0;
      rest = rest.subarray(end + 1);
      this.line(text);
    }
  }

  private keep(bytes: Buffer): void {
    this.size += bytes.length;
    if (this.size <= this.most) {
      this.parts.push(bytes);
      // Byte by byte each part would take a hundred times its length.
      if (this.parts.length > 1000) this.parts = [Buffer.concat(this.parts)];
      return;
    }
    this.over = true;
    this.parts = [];
    this.tooLong();
  }
}
