/** Something that could have run the tensors, and was not taken. */
export interface PassedOver {
  name: string;
  /** Why, in one line, for people. */
  reason: string;
}
