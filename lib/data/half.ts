/** IEEE half-precision numbers, little-endian, widened to float32. */
export function widenFloat16(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length >> 1 }, (_, i) => {
    const half = view.getUint16(2 * i, true);
    const sign = half & 0x8000 ? -1 : 1,
      exponent = (half >> 10) & 0x1f,
      fraction = half & 0x3ff;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
}

/** bfloat16 numbers, little-endian, widened to float32. */
export function widenBfloat16(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = Uint32Array.from({ length: bytes.length >> 1 }, (_, i) => view.getUint16(2 * i, true) << 16);
  return new Float32Array(wide.buffer);
}
