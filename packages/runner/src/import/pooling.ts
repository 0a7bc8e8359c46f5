/** @file A published pooler in our words: which hidden states, how they are combined, which token. */

/** What a trial's columns say about pooling. */
export type ImportedPooling = {
  readonly layer: string;
  /** Set when one hidden state is read and its index is known. */
  readonly layerIndex: number | null;
  readonly layerMethod: string | null;
  readonly token: string;
};

export type PublishedPooler = {
  readonly layer: number | string | readonly number[];
  readonly quantile: number | readonly number[] | null;
  readonly layerMethod: string | null;
  readonly quantileMethod: string | null;
  readonly attention: boolean;
};

/** What decides how a pooler is meant. */
type Context = {
  /** Hidden states of the model; null for a model that is not known. */
  readonly hiddenStates: number | null;
  /** `extend` put layers side by side in the first version of the code, and made a row of each in the second. */
  readonly form: "first" | "second";
};

/** Layer -1 is the last hidden state, whatever the README of that code says: its results show it. */
export function poolingOf(pooler: PublishedPooler, context: Context): ImportedPooling {
  const { layer, layerMethod } = pooler;
  const token = tokenOf(pooler);
  const method = methodOf(layerMethod, context.form);
  if (typeof layer === "string") return { layer, layerIndex: null, layerMethod: method, token };
  const indices = (typeof layer === "number" ? [layer] : layer).map((one) => indexOf(one, context));
  const [only] = indices;
  if (indices.length === 1 && only !== undefined) {
    const layerIndex = only >= 0 ? only : null;
    const name = only === -1 ? "last" : String(only);
    return { layer: name, layerIndex, layerMethod: null, token };
  }
  return { layer: indices.join(","), layerIndex: null, layerMethod: method, token };
}

/** Counted from the start where the number of hidden states is known. */
function indexOf(layer: number, { hiddenStates }: Context): number {
  return layer < 0 && hiddenStates !== null ? layer + hiddenStates : layer;
}

function methodOf(method: string | null, form: Context["form"]): string | null {
  if (method !== "extend") return method;
  return form === "first" ? "concat" : "rows";
}

/** Quantile -1 means 1, the last real token. */
function tokenOf({ quantile, quantileMethod, attention }: PublishedPooler): string {
  if (attention) return "attention";
  if (Array.isArray(quantile)) {
    return ["quantiles", quantile.join(","), quantileMethod].filter(Boolean).join(" ");
  }
  if (quantile === null || quantile === -1 || quantile === 1) return "last";
  return quantile === 0 ? "first" : `quantile ${quantile}`;
}
