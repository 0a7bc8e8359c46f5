/** @file Shapes with known and symbolic dimensions: what they multiply to, and what they broadcast to. */

/**
 * A dimension: a number, or a polynomial of symbols whose values are known when the graph runs,
 * such as "batch", "8*batch*tokens" or "tokens+-1". Strings are canonical: equal sizes, equal strings.
 */
export type Dim = number | string;
export type Shape = readonly Dim[];

/** A graph was built with shapes that do not fit. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/** One product of a dimension: an integer times symbols. */
export type Term = { readonly coefficient: number; readonly symbols: readonly string[] };

/** The sum of products that a dimension stands for. */
export function terms(dim: Dim): readonly Term[] {
  if (typeof dim === "number") return [{ coefficient: dim, symbols: [] }];
  return dim.split("+").map((text) => {
    const parts = text.split("*");
    const coefficient = Number(parts[0]);
    return Number.isNaN(coefficient)
      ? { coefficient: 1, symbols: parts }
      : { coefficient, symbols: parts.slice(1) };
  });
}

function canonical(sum: readonly Term[]): Dim {
  const merged = new Map<string, number>();
  for (const { coefficient, symbols } of sum) {
    const key = [...symbols].sort().join("*");
    merged.set(key, (merged.get(key) ?? 0) + coefficient);
  }
  const kept = [...merged].filter(([, coefficient]) => coefficient !== 0);
  if (kept.length === 0) return 0;
  if (kept.length === 1 && kept[0]![0] === "") return kept[0]![1];
  return kept
    .sort(([a], [b]) => (a === "" ? 1 : b === "" ? -1 : a < b ? -1 : 1))
    .map(([key, c]) => (key === "" ? String(c) : c === 1 ? key : `${c}*${key}`))
    .join("+");
}

/** The product of dimensions. */
export function multiply(...dims: readonly Dim[]): Dim {
  if (dims.every((dim) => typeof dim === "number")) return dims.reduce((a, b) => a * b, 1);
  const product = dims.map(terms).reduce((left, right) =>
    left.flatMap((a) =>
      right.map((b) => ({
        coefficient: a.coefficient * b.coefficient,
        symbols: [...a.symbols, ...b.symbols],
      })),
    ),
  );
  return canonical(product);
}

/** a + b. */
export function plus(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return a + b;
  return canonical([...terms(a), ...terms(b)]);
}

/** whole / part for a part of one term, or null where the division leaves a remainder. */
export function divide(whole: Dim, part: Dim): Dim | null {
  const [divisor, ...more] = terms(part);
  if (divisor === undefined || more.length > 0) return whole === part ? 1 : null;
  const quotient: Term[] = [];
  for (const term of terms(whole)) {
    const symbols = [...term.symbols];
    for (const symbol of divisor.symbols) {
      const at = symbols.indexOf(symbol);
      if (at < 0) return null;
      symbols.splice(at, 1);
    }
    const coefficient = term.coefficient / divisor.coefficient;
    if (!Number.isInteger(coefficient)) return null;
    quotient.push({ coefficient, symbols });
  }
  return canonical(quotient);
}

/** The number of elements. */
export function sizeOf(shape: Shape): Dim {
  return multiply(...shape);
}

/** True where both shapes have the same dimensions. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** `[8, tokens, 768]`, for messages. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** The shape two operands broadcast to, by NumPy's rules; throws a ShapeError naming `where`. */
export function broadcast(where: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw new ShapeError(
      `${where}: shapes do not broadcast, got ${formatShape(a)} and ${formatShape(b)}`,
    );
  });
}

/** An axis counted from the front; throws where the rank has no such axis. */
export function resolveAxis(where: string, axis: number, rank: number): number {
  const resolved = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(resolved) || resolved < 0 || resolved >= rank) {
    throw new ShapeError(
      `${where}: axis out of range, expected -${rank}..${rank - 1}, got ${axis}`,
    );
  }
  return resolved;
}
