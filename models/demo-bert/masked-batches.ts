/** @file Batches of the demo stream with words masked out, as BERT's masked-language modelling has them. */

import { streamText, tellingWords } from "../../data/demo/stream.ts";
import type { Tensor } from "../../packages/probes/src/graph/index.ts";
import { batchFeeds } from "../../packages/probes/src/models/batch.ts";
import type { Encoding, Tokenizer } from "../../packages/probes/src/models/tokenizer.ts";
import { rowWeights } from "../../packages/probes/src/nn/losses.ts";
import type { Random } from "../../packages/probes/src/random.ts";

/**
 * What one training step is fed: the padded batch, the `places` to be predicted in the flattened
 * batch, the `labels` that stood there, and the `weights` that make a mean of their losses.
 */
export type MaskedBatch = Readonly<
  Record<"ids" | "mask" | "types" | "positions" | "places" | "labels" | "weights", Tensor>
>;

type Settings = {
  readonly tokenizer: Tokenizer;
  readonly random: Random;
  /** Texts in a batch. */
  readonly texts: number;
  /** Share of the words that are to be predicted: those that tell a label, and the others. */
  readonly shares: { readonly telling: number; readonly other: number };
};

/** Batches drawn together, so that texts of like length can share one. */
const group = 50;

/** Batches without end. */
export function* maskedBatches(settings: Settings): Generator<MaskedBatch, never> {
  const { tokenizer, random, texts } = settings;
  const shareOf = maskShares(settings);
  for (;;) {
    const encodings = Array.from({ length: group * texts }, () => {
      const { text, textPair } = streamText(random);
      return tokenizer.encode(text, textPair);
    });
    encodings.sort((a, b) => a.ids.length - b.ids.length);
    for (const i of random.permutation(group)) {
      yield maskBatch(encodings.slice(i * texts, (i + 1) * texts), settings, shareOf);
    }
  }
}

/** Probability of every vocabulary entry to be chosen; special tokens never are. */
function maskShares({ tokenizer, shares }: Settings): Float64Array {
  const specials = new Set(Object.values(tokenizer.specialTokens));
  const all = Array.from({ length: tokenizer.size }, (_, id) => id);
  return Float64Array.from(tokenizer.tokens(all), (piece, id) => {
    if (specials.has(id)) return 0;
    return tellingWords.has(piece) ? shares.telling : shares.other;
  });
}

/** Of the chosen words 80 % become [MASK], 10 % a random piece, 10 % stay (Devlin et al. 2019, A.1). */
function maskBatch(
  encodings: readonly Encoding[],
  { tokenizer, random }: Settings,
  shareOf: Float64Array,
): MaskedBatch {
  const { mask } = tokenizer.specialTokens;
  if (mask === null) throw new Error("tokenizer: expected a [MASK] token, got none");
  const tokens = encodings.reduce((longest, { ids }) => Math.max(longest, ids.length), 0);
  const places: number[] = [];
  const labels: number[] = [];
  const masked = encodings.map(({ ids, typeIds }, row) => {
    const shown = Int32Array.from(ids);
    ids.forEach((id, i) => {
      if (random.next() >= shareOf[id]!) return;
      places.push(row * tokens + i);
      labels.push(id);
      const fate = random.next();
      if (fate < 0.8) shown[i] = mask;
      else if (fate < 0.9) shown[i] = random.integer(tokenizer.size);
    });
    return { ids: shown, typeIds };
  });
  const whole = (values: readonly number[]) => ({
    data: BigInt64Array.from(values, BigInt),
    shape: [values.length],
  });
  return {
    ...batchFeeds({ positions: { first: 0, padding: null } }, masked, tokenizer.padId),
    places: whole(places),
    labels: whole(labels),
    weights: { data: rowWeights(labels), shape: [labels.length] },
  };
}
