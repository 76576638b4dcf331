/** Puts right what TF.js 4.22.0 gets wrong, once. */
export function installGradients(): void {
  // filled below
}
