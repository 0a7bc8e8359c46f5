/** @file Dropout from a counter-based generator inside the graph: the same seed drops the same elements. */

import {
  add,
  cast,
  constant,
  div,
  greater,
  mul,
  multiply,
  type Node,
  range,
  reshape,
  scale,
} from "../graph/index.ts";
import type { Forward } from "./layers.ts";

/** Odd multipliers with well-mixed bits (the primes of xxHash32), as int32. */
const primes = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f].map((p) => p | 0);

const integer = (value: number) => constant(Int32Array.of(value), []);

/**
 * Dropout for a forward pass: each element is zero with its site's probability, else divided by what
 * is left of one. `seed` is an int32 scalar that is fed; every call of the result is another place of
 * the graph and drops independently.
 */
export function createDropout(
  rates: { readonly hidden: number; readonly attention: number; readonly head: number },
  seed: Node,
): Forward["dropout"] {
  let places = 0;
  return (x, site) => {
    const rate = rates[site];
    if (rate === 0) return x;
    places += 1;
    return mul(scale(keep(x, { rate, seed, place: places }), 1 / (1 - rate)), x);
  };
}

/**
 * 1 where an element is kept, 0 where it is dropped. Each row and each column of x (all axes but the
 * last, and the last) has two keys hashed from seed, place and number; an element is decided by the
 * high bits of (row + column) · (row' + column') modulo 2³², which costs four cheap passes.
 */
export function keep(
  x: Node,
  { rate, seed, place }: { readonly rate: number; readonly seed: Node; readonly place: number },
): Node {
  const width = x.shape[x.shape.length - 1]!;
  const outer = x.shape.slice(0, -1);
  const key = hash(add(seed, integer(Math.imul(place, primes[3]!))));
  const rows = range(multiply(...outer));
  const keys = (numbers: Node, salt: number) => hash(add(numbers, hash(add(key, integer(salt)))));
  const byRow = (salt: number) => reshape(keys(rows, salt), [...outer, 1]);
  const byColumn = (salt: number) => keys(range(width), salt);
  const product = mul(add(byRow(1), byColumn(2)), add(byRow(3), byColumn(4)));
  // A share `rate` of the 2³² values of an int32 lies at or below the threshold.
  const threshold = Math.min(2 ** 31 - 1, Math.round(-(2 ** 31) + rate * 2 ** 32) - 1);
  return cast(greater(product, integer(threshold)), "float32");
}

/** Mixes the bits of int32 numbers; a division by a power of two carries high bits to low ones. */
function hash(x: Node): Node {
  return [15, 13, 16].reduce((h, bits, i) => {
    const multiplied = mul(h, integer(primes[i]!));
    return add(multiplied, div(multiplied, integer(2 ** bits)));
  }, x);
}
