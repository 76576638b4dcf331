// How V8 looks after the kernel's memory.
import { setFlagsFromString } from "v8";

/**
 * Cells leave garbage of the compiler's, which V8 would let grow to three times what is in use; so it grows by this
 * many per cent before it is collected.
 */
const HEAP_GROWTH = 25;

/** V8 takes compiled code only where it has the flags with which that was made. */
export function collectOften(): void {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH}`);
}
