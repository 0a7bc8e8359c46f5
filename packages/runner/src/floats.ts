/** @file Conversion between the float formats found in checkpoints and Float32. */

const half = new Float32Array(1 << 16); // every float16 value, by its bits
let halfReady = false;
const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** Float16 bits to Float32, exactly; infinities and NaN stay what they are. */
export function float16ToFloat32(bits: Uint16Array): Float32Array {
  if (!halfReady) fillHalf();
  const values = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) values[i] = half[bits[i]!]!;
  return values;
}

/** Bfloat16 bits to Float32, exactly: bfloat16 is the upper half of a float32. */
export function bfloat16ToFloat32(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16;
  return new Float32Array(words.buffer);
}

/** Float32 to float16 bits, rounding half to even; beyond 65504 becomes infinite. */
export function float32ToFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) bits[i] = halfBits(values[i]!);
  return bits;
}

function halfBits(value: number): number {
  scratch[0] = value;
  const word = scratchBits[0]!;
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x47800000) return sign | 0x7c00; // >= 65536, infinite included
  if (magnitude < 0x38800000) {
    // below 2^-14: a multiple of 2^-24, and the sum with 0.5 rounds to one (half to even)
    scratch[0] = Math.abs(value) + 0.5;
    return sign | (scratchBits[0]! - 0x3f000000);
  }
  const odd = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x38000000 + 0xfff + odd) >>> 13);
}

function fillHalf(): void {
  for (let bits = 0; bits < half.length; bits++) {
    const exponent = (bits >>> 10) & 31;
    const fraction = bits & 1023;
    const magnitude =
      exponent === 31
        ? fraction === 0
          ? Number.POSITIVE_INFINITY
          : Number.NaN
        : exponent === 0
          ? fraction * 2 ** -24
          : (1 + fraction / 1024) * 2 ** (exponent - 15);
    half[bits] = bits & 0x8000 ? -magnitude : magnitude;
  }
  halfReady = true;
}
