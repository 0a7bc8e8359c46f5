/** @file Float16 and bfloat16 against torch, and every float16 there and back. */

import { expect, test } from "vitest";
import { float16ToFloat32, float32ToFloat16 } from "./floats.ts";
import { readHeader, readRowBytes, readRows } from "./safetensors.ts";

const fixture = new URL("../../../test/fixtures/safetensors/types.safetensors", import.meta.url);
const { tensors } = readHeader(fixture.pathname);

test("widens float16 and bfloat16 as torch does", () => {
  expect(readRows(tensors.get("float16")!)).toEqual(readRows(tensors.get("float16_widened")!));
  expect(readRows(tensors.get("bfloat16")!)).toEqual(readRows(tensors.get("bfloat16_widened")!));
});

test("rounds float32 to float16 as torch does, ties to even", () => {
  const bytes = readRowBytes(tensors.get("float16")!);
  const expected = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  expect(float32ToFloat16(readRows(tensors.get("float32")!))).toEqual(expected);
});

test("returns every float16 from its float32", () => {
  const every = Uint16Array.from({ length: 1 << 16 }, (_, bits) => bits);
  const isNan = (bits: number): boolean => (bits & 0x7fff) > 0x7c00;
  const back = float32ToFloat16(float16ToFloat32(every));
  const wrong = every.filter((bits) => (isNan(bits) ? !isNan(back[bits]!) : back[bits] !== bits));
  expect(wrong).toEqual(new Uint16Array(0));
});
