import type { NativeBackend } from "./native-backend";

/** Where a backend keeps what it was before it was hooked. */
export const hooked: unique symbol = Symbol.for("vitrine.compile.hooked") as never;
/** What the hooked backend is remembered by. */
export interface Hooked {
  readonly readSync: NativeBackend["readSync"];
  /** The number of the saved model that was loaded last; TensorFlow.js's addon counts them. */
  newest?: number;
}
export type Hookable = NativeBackend & { [hooked]?: Hooked };

/** Reads data of the backend also while a recorder refuses that. */
export function readUnrecorded(backend: Hookable, dataId: object): ArrayLike<number> {
  return (backend[hooked]?.readSync ?? backend.readSync).call(backend, dataId);
}
