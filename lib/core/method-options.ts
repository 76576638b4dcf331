// What the command line knows of a method's own options.

/**
 * How an option is written on a command line; `integers` is one or several with commas, a list allows only its words.
 */
export type OptionKind = "integer" | "number" | "boolean" | "integers" | "text" | readonly string[];

export interface MethodOption {
  readonly kind: OptionKind;
  /** The method refuses to run without it. */
  readonly required?: boolean;
  /** What it is given in, for people. Default: "in pixels". */
  readonly unit?: string;
  /** A boolean that is true unless it is turned off. Default: false. */
  readonly byDefault?: boolean;
}
