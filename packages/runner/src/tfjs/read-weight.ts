/** @file A stored weight as numbers in memory, for a library that can not use it where it lies. */

import { join } from "node:path";
import type { Attributes, DType } from "@probegrid/probes/graph";
import { readRows, type StoredType } from "../safetensors.ts";

const stored: Partial<Readonly<Record<DType, StoredType>>> = {
  float32: "F32",
  float16: "F16",
  bfloat16: "BF16",
};

/** Its values, half precision widened. Throws for types that are no floats. */
export function readWeight({
  folder,
  file,
  offset,
  bytes,
  dtype,
  shape,
  name,
}: Attributes["Weight"]): Float32Array {
  const type = stored[dtype];
  if (type === undefined) {
    throw new Error(`weight ${name}: expected float32, float16 or bfloat16, got ${dtype}`);
  }
  return readRows({ file: join(folder, file), offset, bytes, dtype: type, shape });
}
