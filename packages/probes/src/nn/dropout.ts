/** @file Dropout from a counter-based generator inside the graph: the same seed drops the same elements. */

import {
  add,
  cast,
  constant,
  type Dim,
  div,
  gather,
  greater,
  mul,
  multiply,
  type Node,
  range,
  reshape,
  scale,
} from "../graph/index.ts";
import type { Dropout } from "./layers.ts";

/** Odd multipliers with well-mixed bits (the primes of xxHash32), as int32. */
const primes = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f].map((p) => p | 0);

const integer = (value: number) => constant(Int32Array.of(value), []);

/** Most places that a graph may drop at. */
const mostPlaces = 1024;

/**
 * Dropout for a forward pass: each element is zero with its site's probability, else divided by what
 * is left of one. `seed` is an int32 scalar that is fed; every call of the result is another place of
 * the graph and drops independently.
 *
 * An element is decided by the high bits of place key · row key · column key modulo 2³², all odd: rows are all axes
 * but the last, columns the last. Keys of rows and columns are hashed from their numbers and shared by all places,
 * that of a place from its number and the seed; so a place costs two products and a comparison.
 */
export function createDropout(
  rates: { readonly hidden: number; readonly attention: number; readonly head: number },
  seed: Node,
): Dropout {
  const numbers = Int32Array.from({ length: mostPlaces }, (_, i) => Math.imul(i + 1, primes[3]!));
  const placeKeys = odd(hash(hash(add(seed, constant(numbers, [mostPlaces]))))); // [places]
  const made = new Map<string, Node>();
  const keysOf = (axis: "rows" | "columns", length: Dim): Node => {
    const salt = integer(primes[axis === "rows" ? 1 : 2]!);
    const keys = made.get(`${axis} ${length}`) ?? odd(hash(add(hash(range(length)), salt)));
    made.set(`${axis} ${length}`, keys);
    return keys;
  };
  let places = 0;
  const keep = (x: Node, rate: number): Node => {
    if (places === mostPlaces) throw new Error(`dropout: more than ${mostPlaces} places`);
    const outer = x.shape.slice(0, -1);
    const rows = reshape(keysOf("rows", multiply(...outer)), [...outer, 1]);
    const columns = keysOf("columns", x.shape[x.shape.length - 1]!);
    const key = gather(placeKeys, integer64(places++));
    // A share `rate` of the 2³² values of an int32 lies at or below the threshold.
    const threshold = Math.min(2 ** 31 - 1, Math.round(-(2 ** 31) + rate * 2 ** 32) - 1);
    return cast(greater(mul(mul(rows, key), columns), integer(threshold)), "float32");
  };
  const drop: Dropout["drop"] = (x, site) => {
    const rate = rates[site];
    if (rate === 0) return { kept: x, factor: 1 };
    return { kept: mul(keep(x, rate), x), factor: 1 / (1 - rate) };
  };
  return {
    drop,
    dropout: (x, site) => {
      const rate = rates[site];
      return rate === 0 ? x : mul(scale(keep(x, rate), 1 / (1 - rate)), x);
    },
  };
}

const integer64 = (value: number) => constant(BigInt64Array.of(BigInt(value)), []);

const odd = (x: Node): Node => add(mul(x, integer(2)), integer(1));

/** Mixes the bits of int32 numbers; a division by a power of two carries high bits to low ones. */
function hash(x: Node): Node {
  return [15, 13, 16].reduce((h, bits, i) => {
    const multiplied = mul(h, integer(primes[i]!));
    return add(multiplied, div(multiplied, integer(2 ** bits)));
  }, x);
}
