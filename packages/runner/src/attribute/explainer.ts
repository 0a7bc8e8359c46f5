/** @file Opens a checkpoint for attribution: model, head, tokenizer, and the methods' graphs. */

import {
  Attributor,
  type Device,
  type Example,
  headPrefix,
  type MethodSpec,
  type Model,
  type Query,
  type Refusal,
  type Site,
  storedWeights,
} from "@probegrid/probes";
import type { Checkpoint } from "../checkpoint.ts";
import { ExperimentError, messageOf } from "../errors.ts";
import { readClassifierConfig } from "../finetune/classifier-config.ts";
import { modelOf } from "../model-of.ts";
import { type BoundedTokenizer, openTokenizer } from "../open-tokenizer.ts";
import { sessionOn } from "../session-on.ts";
import { headless, objectiveOf, type Wanted } from "./target.ts";

export type Explainer = {
  readonly attributor: Attributor;
  readonly model: Model;
  readonly tokenizer: BoundedTokenizer;
  /** Names of what can be explained: classes in order, or the one thing that was wanted. */
  readonly names: readonly string[];
  readonly close: () => Promise<void>;
};

export type ExplainerOptions = {
  readonly methods: readonly MethodSpec[];
  readonly wanted: Wanted;
  readonly device: Device;
  readonly site?: Site;
  readonly truncation?: "end" | "front";
  readonly maxTokens?: number | null;
  readonly shifted?: boolean;
  /** Threads of one session; all cores when not given. */
  readonly threads?: number;
};

/** Opens an explainer; says what is missing where the checkpoint has no such head. */
export async function openExplainer(
  checkpoint: Checkpoint,
  options: ExplainerOptions,
): Promise<Explainer> {
  const { methods, wanted, device, threads, truncation = "end", maxTokens = null } = options;
  const model = modelOf(checkpoint);
  const limit = model.geometry.maxTokens;
  const tokenizer = openTokenizer(checkpoint, {
    maxTokens: Math.min(maxTokens ?? limit, limit),
    truncation,
  });
  const { labels, head } = readClassifierConfig(checkpoint.config);
  const classes = labels?.length ?? 1;
  const objective = objectiveOf(wanted, { kind: "class", classes, head });
  if (objective.kind === "class") requireHead(checkpoint);
  try {
    const attributor = await Attributor.create({
      model,
      weights: storedWeights(checkpoint.tensors, model.prefix),
      objective,
      methods,
      padId: tokenizer.padId,
      maskId: tokenizer.specialTokens.mask,
      session: sessionOn(device, threads),
      ...(options.site !== undefined && { site: options.site }),
      ...(options.shifted !== undefined && { shifted: options.shifted }),
    });
    const names = objective.kind === "class" ? (labels ?? ["value"]) : [nameOf(wanted)];
    return { attributor, model, tokenizer, names, close: () => attributor.close() };
  } catch (cause) {
    const missing = objective.kind === "token" && /is missing/.test(messageOf(cause));
    const why = missing ? `has no language model head: ${messageOf(cause)}` : messageOf(cause);
    throw new ExperimentError(`model ${checkpoint.path}: ${why}`, { cause });
  }
}

/** Names of weights that are a head. */
const heads = /^(classifier|pre_classifier|score)\./;

function requireHead({ tensors, path }: Checkpoint): void {
  const found = [...tensors.keys()].some((name) => heads.test(name) || name.startsWith(headPrefix));
  if (found) return;
  throw new ExperimentError(
    `model ${path}: has no classification head; explain something else with --target ${headless}, or make a head with probegrid finetune`,
  );
}

/** What is explained, as results show it. */
export function nameOf(wanted: Wanted): string {
  switch (wanted.kind) {
    case "unit":
      return `unit ${wanted.unit} of layer ${wanted.layer}`;
    case "norm":
      return `norm of layer ${wanted.layer}`;
    case "token":
      return `logit of ${wanted.word}`;
    case "label":
      return wanted.label;
    default:
      return wanted.kind;
  }
}

/** A text as attribution takes it. */
export type Encoded = Example & { readonly words: Int32Array; readonly truncated: number };

/**
 * The number of a word in the vocabulary, and where its logit is read: the mask, or the last token. A text
 * without a mask gets the reason; a word that is no token at all is refused.
 */
export function tokenTarget(
  { tokenizer, model }: Explainer,
  word: string,
  { ids }: Example,
): Query["target"] | Refusal {
  const { ids: pieces, specials } = tokenizer.encode(word);
  const own = pieces.filter((_, i) => specials[i] !== 1);
  if (own.length !== 1) {
    const spelled = tokenizer.tokens(own).join(" ");
    throw new ExperimentError(
      `--target token:${word}: expected a word that is one token, got ${own.length} (${spelled})`,
    );
  }
  if (model.reads === "last") return { output: own[0]! };
  const position = Array.from(ids).indexOf(tokenizer.specialTokens.mask ?? -1);
  if (position >= 0) return { output: own[0]!, position };
  return { error: `expected a text with a mask token, whose place ${word} would take` };
}
