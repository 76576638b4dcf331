/** What the command line says, checked for what there is, not for what makes sense. */
export interface Flags {
  user?: boolean;
  "sys-prefix"?: boolean;
  prefix?: string;
  name?: string;
  "display-name"?: string;
  env?: string[];
}
