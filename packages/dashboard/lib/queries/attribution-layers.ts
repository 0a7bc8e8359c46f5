/** @file Scores by layer: of one text, and on average; and the probing results that stand beside them. */

import { summarise } from "@probegrid/probes/statistics";
import type { Store } from "../store.ts";
import type { Group, MethodTrial } from "./attribution-groups.ts";
import { remember } from "./attribution-memory.ts";
import { fetchTexts } from "./attribution-texts.ts";

/** Scores of the tokens of a text at some hidden states. */
export type LayerScores = { readonly layer: number; readonly scores: Float32Array };

/** Methods of a group that have scores by layer. */
export function layeredMethods(store: Store, group: Group): readonly MethodTrial[] {
  const rows = store.all<{ key: number }>(
    `select value as key from json_each(?) where exists (
       select 1 from main.attributions where trial = value and layers is not null)`,
    JSON.stringify(group.methods.map(({ key }) => key)),
  );
  const keys = new Set(rows.map(({ key }) => key));
  return group.methods.filter(({ key }) => keys.has(key));
}

/** Scores of one text by layer, lowest first; empty where it was not explained. */
export function fetchLayers(store: Store, trial: MethodTrial, row: number): readonly LayerScores[] {
  const found = store.database
    .prepare("select layers, layerScores from main.attributions where trial = ? and row = ?")
    .get(trial.key, row) as StoredLayers | undefined;
  return found === undefined ? [] : decode(found);
}

type StoredLayers = { readonly layers: string | null; readonly layerScores: Uint8Array | null };

function decode({ layers, layerScores }: StoredLayers): readonly LayerScores[] {
  if (layers === null || layerScores === null) return [];
  const names = JSON.parse(layers) as readonly number[];
  const all = new Float32Array(Uint8Array.from(layerScores).buffer);
  const tokens = all.length / names.length;
  return names
    .map((layer, i) => ({ layer, scores: all.slice(i * tokens, (i + 1) * tokens) }))
    .toSorted((a, b) => a.layer - b.layer);
}

/** Whether layers hold σ, the noise that a token bears, instead of a share: less is more important. */
export const isNoise = ({ label }: Pick<MethodTrial, "label">): boolean =>
  /^information\b/.test(label);

/** What a layer does with the words: the share of its score that lies on them, or over how many. */
export type UseKind = "words" | "spread";

/** A method's use by hidden state: means over texts with 95 % intervals. */
export type UsePoint = {
  readonly layer: number;
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly texts: number;
};

/**
 * Where a method says that the model reads: `words` is the share of a layer's absolute score that lies
 * on ordinary tokens, `spread` the effective share of them, exp(entropy) / words. σ counts as
 * log(largest σ allowed / σ), as its scores do.
 */
export function fetchUse(
  store: Store,
  { group, trial }: { readonly group: Group; readonly trial: MethodTrial },
  kind: UseKind,
): readonly UsePoint[] {
  const name = `use ${kind} ${trial.id}`;
  return remember(store, { name, finished: trial.state === "done" }, () => {
    const texts = fetchTexts(store, group);
    const byLayer = new Map<number, number[]>();
    const select = store.database.prepare(
      `select row, layers, layerScores, json_extract(measures, '$.details.scale') as scale
         from main.attributions where trial = ? and layers is not null`,
    );
    for (const found of select.iterate(trial.key) as IterableIterator<UseRow>) {
      const words = texts.get(found.row)?.words;
      if (words === undefined) continue;
      const scale = isNoise(trial) ? (found.scale ?? 1) : null;
      for (const { layer, scores } of decode(found)) {
        const sizes = Array.from(scores, (score) =>
          scale === null ? Math.abs(score) : Math.max(0, Math.log(scale / score)),
        );
        const value = shareOf(sizes, words, kind);
        if (value === null) continue;
        const values = byLayer.get(layer);
        if (values === undefined) byLayer.set(layer, [value]);
        else values.push(value);
      }
    }
    return [...byLayer]
      .toSorted(([a], [b]) => a - b)
      .map(([layer, values]) => {
        const { mean, low, high } = summarise(values, { testToTrain: 0 });
        return { layer, mean, low, high, texts: values.length };
      });
  });
}

type UseRow = StoredLayers & {
  readonly row: number;
  /** The largest σ that was allowed; null for methods without noise. */
  readonly scale: number | null;
};

/** Of one text at one layer; null where nothing has a score. */
export function shareOf(
  sizes: readonly number[],
  words: ArrayLike<number>,
  kind: UseKind,
): number | null {
  const ordinary = sizes.filter((_, i) => words[i] !== -1);
  const own = ordinary.reduce((sum, size) => sum + size, 0);
  if (kind === "words") {
    const all = sizes.reduce((sum, size) => sum + size, 0);
    return all === 0 ? null : own / all;
  }
  if (own === 0) return null;
  const entropy = ordinary.reduce((sum, size) => {
    const share = size / own;
    return share === 0 ? sum : sum - share * Math.log(share);
  }, 0);
  return Math.exp(entropy) / ordinary.length;
}
