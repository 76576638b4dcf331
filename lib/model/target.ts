/** A class: its index, or its name (case-sensitive; a name that two classes share is refused with both indices). */
export type ClassRef = number | string;

/** One class for all images, or one per image. */
export type Target = ClassRef | readonly ClassRef[];
