/** @file Sizes of the models that published probing results are about; their files are not at hand. */

export type KnownModel = {
  readonly architecture: string;
  readonly layers: number;
  readonly width: number;
  readonly parameters: number;
};

/** By name on the model hub. */
const models: Readonly<Record<string, KnownModel>> = {
  distilgpt2: gpt2({ layers: 6, width: 768 }),
  gpt2: gpt2({ layers: 12, width: 768 }),
  "gpt2-medium": gpt2({ layers: 24, width: 1024 }),
  "gpt2-large": gpt2({ layers: 36, width: 1280 }),
  "gpt2-xl": gpt2({ layers: 48, width: 1600 }),
  "gpt-neo-125M": gptNeo({ layers: 12, width: 768 }),
  "gpt-neo-1.3B": gptNeo({ layers: 24, width: 2048 }),
  "gpt-neo-2.7B": gptNeo({ layers: 32, width: 2560 }),
};

/** Sizes of a model by its name, with or without its owner; null for one that is not known. */
export function knownModel(name: string): KnownModel | null {
  const own = name.slice(name.lastIndexOf("/") + 1);
  return Object.hasOwn(models, own) ? (models[own] ?? null) : null;
}

type Geometry = { readonly layers: number; readonly width: number };

/** Embeddings of 50,257 tokens and 1,024 positions; a layer has 12 d² weights and 13 d biases and norms. */
function gpt2({ layers, width: d }: Geometry): KnownModel {
  const parameters = (50257 + 1024) * d + layers * (12 * d * d + 13 * d) + 2 * d;
  return { architecture: "gpt2", layers, width: d, parameters };
}

/** As GPT-2, with 2,048 positions and no bias on queries, keys and values. */
function gptNeo({ layers, width: d }: Geometry): KnownModel {
  const parameters = (50257 + 2048) * d + layers * (12 * d * d + 10 * d) + 2 * d;
  return { architecture: "gpt_neo", layers, width: d, parameters };
}
