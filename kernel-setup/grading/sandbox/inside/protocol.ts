/** One line of JSON each, on file descriptor 3. What comes back may be forged: see ../reply. */
export type Request =
  | {
      readonly id: number;
      readonly nonce: string;
      readonly do: "cell";
      readonly name: string;
      readonly source: string;
      /** "rest": of a cell that ran before, what was not run because something before it failed. */
      readonly only?: "declarations" | "rest";
      /** grade_id of the task whose solution it is. */
      readonly solves?: string;
    }
  | {
      readonly id: number;
      readonly nonce: string;
      readonly do: "call";
      /** As words name it. */
      readonly task: string;
      /** Its grade_id. */
      readonly solves: string;
      readonly function: string;
      readonly args: readonly unknown[];
    };

export type RequestBody = Request extends infer Each
  ? Each extends Request
    ? Omit<Each, "id" | "nonce">
    : never
  : never;

/** As the program in the sandbox writes it. */
export type Written =
  | {
      readonly id: number;
      readonly nonce: string;
      readonly ok: true;
      readonly value?: unknown;
      readonly left?: readonly string[];
    }
  | {
      readonly id: number;
      readonly nonce: string;
      readonly ok: false;
      readonly name: string;
      readonly message: string;
    };
