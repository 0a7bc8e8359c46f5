/** @file Taking tokens out of a text, on its ids: never by decoding and tokenising again. */

import type { Example, Target } from "./attribution.ts";

/**
 * What stands where a token is taken out: nothing (the text gets shorter), the mask or padding
 * token (position kept, still attended to, as Wu and Ong do), or the vocabulary's mean embedding.
 */
export const perturbations = ["delete", "mask", "pad", "mean"] as const;
export type Perturbation = (typeof perturbations)[number];

export type Tokens = { readonly padId: number; readonly maskId: number | null };

/** A text with tokens taken out; `blank` is 1 where the mean embedding stands in. */
export type Perturbed = Example & { readonly blank: Uint8Array | null };

/** Takes tokens out at the given positions. */
export function perturb(
  example: Example,
  positions: Iterable<number>,
  { kind, padId, maskId }: Tokens & { readonly kind: Perturbation },
): Perturbed {
  const out = new Set(positions);
  if (kind === "delete") return remove(example, out);
  if (kind === "mean") {
    const blank = Uint8Array.from({ length: example.ids.length }, (_, i) => (out.has(i) ? 1 : 0));
    return { ...example, blank };
  }
  const id = kind === "mask" ? maskId : padId;
  if (id === null) {
    throw new Error("perturb: the tokenizer has no mask token, expected delete, pad or mean");
  }
  return {
    ...example,
    ids: Array.from(example.ids, (own, i) => (out.has(i) ? id : own)),
    blank: null,
  };
}

function remove({ ids, typeIds, specials }: Example, out: ReadonlySet<number>): Perturbed {
  const keep = <T>(values: ArrayLike<T>): readonly T[] =>
    Array.from(values).filter((_, i) => !out.has(i));
  // A text without special tokens needs one token to be a text.
  if (out.size >= ids.length) out = new Set([...out].slice(1));
  return {
    ids: keep(ids),
    typeIds: typeIds == null ? null : keep(typeIds),
    specials: keep(specials),
    blank: null,
  };
}

/** The target in a text that got shorter: its position moves with its token. */
export function perturbTarget(
  target: Target,
  positions: readonly number[],
  kind: Perturbation,
): Target {
  const { position } = target;
  if (kind !== "delete" || position === undefined) return target;
  const before = positions.filter((at) => at < position).length;
  return { ...target, position: Math.max(0, position - before) };
}
