/** @file Numbers as bytes and back: typed arrays in blob columns, little-endian as on every machine we run on. */

/** The bytes of a typed array, without copying. */
export function bytesOf(array: ArrayBufferView): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

/** Class indices of a blob column. */
export function int32Of(bytes: Uint8Array): Int32Array {
  return new Int32Array(aligned(bytes));
}

/** Values of a blob column. */
export function float32Of(bytes: Uint8Array): Float32Array {
  return new Float32Array(aligned(bytes));
}

/** A copy that starts at an address a typed array accepts. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
