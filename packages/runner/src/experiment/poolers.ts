/** @file From what a pooler says to the hidden states it reads, for a model of known depth. */

import { ExperimentError } from "../errors.ts";
import { show } from "./schema.ts";
import { type LayerMethod, type LayerWord, layerMethods, type TokenPooling } from "./vocabulary.ts";

/** A pooler of the experiment file, words for tokens resolved, layers not yet. */
export type PoolerSpec = {
  readonly layer: number | LayerWord | readonly number[];
  readonly layerMethod: LayerMethod | null;
  readonly token: TokenPooling | CustomToken;
};

/** A pooler of one's own: where in the file it is, and a hash of its source. */
export type CustomToken = {
  readonly kind: "custom";
  readonly name: string;
  readonly hash: string;
  /** Which entry of the file's `poolers` it is: how a worker finds the function. */
  readonly index: number;
};

/** What one trial reads: hidden states by index, how they are combined, how tokens are pooled. */
export type Pooling = {
  readonly layers: readonly number[];
  readonly layerMethod: LayerMethod | null;
  readonly token: TokenPooling | CustomToken;
  /** As shown: "3", "all", "every", "9,10,11". */
  readonly layerName: string;
};

/** Every pooling that a list of poolers means for a model with so many hidden states; each once. */
export function resolvePoolers(
  poolers: readonly PoolerSpec[],
  { hiddenStates, model }: { readonly hiddenStates: number; readonly model: string },
): readonly Pooling[] {
  const found = new Map<string, Pooling>();
  poolers.forEach((pooler, index) => {
    for (const { layers, layerName } of selectLayers(pooler, { hiddenStates, model, index })) {
      const method = layers.length === 1 || isCustom(pooler) ? null : pooler.layerMethod;
      if (method === null && layers.length > 1 && !isCustom(pooler)) {
        throw new ExperimentError(
          `${layerName} is ${layers.length} layers, expected one of ${layerMethods.join(", ")} to combine them`,
          { path: `poolers[${index}].layerMethod` },
        );
      }
      if (method === "concat" && pooler.token.kind === "attention") {
        throw new ExperimentError(
          "attention reads the tokens of one layer, expected one of mean, max, min, rows to combine several",
          { path: `poolers[${index}].layerMethod` },
        );
      }
      const pooling = { layers, layerMethod: method, token: pooler.token, layerName };
      const key = JSON.stringify([layers, method, tokenKey(pooler.token)]);
      if (!found.has(key)) found.set(key, pooling);
    }
  });
  return [...found.values()];
}

type Place = { readonly hiddenStates: number; readonly model: string; readonly index: number };
type Selection = { readonly layers: readonly number[]; readonly layerName: string };

function selectLayers({ layer }: PoolerSpec, place: Place): readonly Selection[] {
  const every = Array.from({ length: place.hiddenStates }, (_, i) => i);
  const single = (index: number): Selection => {
    const resolved = checkedIndex(index, place);
    return { layers: [resolved], layerName: String(resolved) };
  };
  if (typeof layer === "number") return [single(layer)];
  switch (layer) {
    case "last":
      return [single(-1)];
    case "second-to-last":
      return [single(-2)];
    case "each":
      return every.map(single);
    case "every":
      return [{ layers: every, layerName: "every" }];
    case "all": {
      if (every.length < 3) {
        throw new ExperimentError(
          `"all" leaves out the first and the last hidden state, and model "${place.model}" has only ${every.length}`,
          { path: `poolers[${place.index}].layer` },
        );
      }
      return [{ layers: every.slice(1, -1), layerName: "all" }];
    }
    default: {
      const layers = layer.map((index) => checkedIndex(index, place));
      return [{ layers, layerName: layers.join(",") }];
    }
  }
}

function checkedIndex(index: number, { hiddenStates: n, model, index: pooler }: Place): number {
  if (index >= -n && index < n) return index < 0 ? index + n : index;
  throw new ExperimentError(
    `model "${model}" has ${n} hidden states, expected 0 to ${n - 1} or -${n} to -1, got ${show(index)}`,
    { path: `poolers[${pooler}].layer` },
  );
}

function isCustom(pooler: PoolerSpec): boolean {
  return pooler.token.kind === "custom";
}

/** What makes two token poolings the same: where a custom one stands in the file does not matter. */
export function tokenKey(token: TokenPooling | CustomToken): unknown {
  return token.kind === "custom" ? { kind: "custom", name: token.name, hash: token.hash } : token;
}
