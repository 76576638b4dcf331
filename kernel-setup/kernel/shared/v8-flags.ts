// How V8 spends memory and time for the kernel.
import { setFlagsFromString } from "v8";

/**
 * Cells leave garbage of the compiler's, which V8 would let grow to three times what is in use; so it grows by this
 * many per cent before it is collected.
 */
const HEAP_GROWTH = 25;

/**
 * After a function has run so many bytes of its code, a few times over, V8 makes better code of it, in other threads;
 * 67,584 by itself. That pays while thousands of declarations are read. After it the other threads took more time than
 * the cells themselves, which waited for them on two cores: nearly all of the compiler's functions are called often,
 * and none runs for long. A loop of somebody's own comes there a millisecond later.
 */
const BYTES_BEFORE_BETTER_CODE = 400_000;

/** Before the compiler is loaded: V8 takes compiled code only where it has the flags with which that was made. */
export function setFlags(): void {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH}`);
}

let isLater = false;

/** To be called when all declarations have been read. */
export function optimizeLater(): void {
  if (isLater) return;
  isLater = true;
  setFlagsFromString(`--interrupt-budget=${BYTES_BEFORE_BETTER_CODE}`);
}
