/** @file The second stage of R0's worker: attributes a data set, averages words, reads their contexts. */

import type { Device } from "@probegrid/probes";
import { AttentionReader, type MethodSpec, methodLabel, storedWeights } from "@probegrid/probes";
import type { Checkpoint } from "../../checkpoint.ts";
import type { Dataset } from "../../dataset.ts";
import { ExperimentError } from "../../errors.ts";
import { sessionOn } from "../../session-on.ts";
import { explainTexts } from "../explain-texts.ts";
import { openExplainer } from "../explainer.ts";
import { type ContextText, readContexts } from "./contexts.ts";
import { createAverages, unitsOf } from "./word-averages.ts";
import type { ClassWords, Report } from "./write-report.ts";

export type InspectSettings = {
  readonly method: MethodSpec;
  readonly attentionLayer: number;
  /** Pieces stay units of their own. */
  readonly pieces: boolean;
  /** Whose texts a class has: those labelled so, or those predicted so. */
  readonly by: "true" | "predicted";
  /** Occurrences a word needs to be ranked. */
  readonly minCount: number;
  /** Words per class in positive.json and negative.json. */
  readonly top: number;
  /** Top words of each of the two lists that get a cloud. */
  readonly keywords: number;
  /** Words in a cloud. */
  readonly cloudWords: number;
  readonly truncation: "end" | "front";
  readonly maxTokens: number | null;
  readonly seed: number;
};

export type Inspection = {
  readonly report: Report;
  readonly explained: number;
  /** Texts that could not be explained, with the reason of the first. */
  readonly skipped: number;
  readonly firstProblem: string | null;
  /** Texts whose completeness gap stayed above the tolerance. */
  readonly unconverged: number;
  readonly notes: readonly string[];
};

type Work = {
  readonly checkpoint: Checkpoint;
  readonly dataset: Dataset;
  readonly device: Device;
  readonly settings: InspectSettings;
};

/** Explains every text of a data set towards its class and averages what words contribute. */
export async function inspect(
  { checkpoint, dataset, device, settings }: Work,
  progress: (done: number, total: number) => void,
): Promise<Inspection> {
  const { method, pieces, truncation, maxTokens } = settings;
  const { labels } = dataset;
  if (labels === null) {
    throw new ExperimentError(`${dataset.path}: expected classes as labels, got numbers`);
  }
  const wanted = { kind: settings.by } as const;
  const explainer = await openExplainer(checkpoint, {
    ...{ methods: [method], wanted, device, truncation, maxTokens },
  });
  const asked = dataset.texts.map((text, i) => {
    const label = labels[Number(dataset.targets[i])]!;
    return { text, textPair: dataset.textPairs?.[i] ?? null, label };
  });
  const averages = createAverages();
  const texts: ContextText[] = [];
  const counts = { skipped: 0, unconverged: 0, done: 0 };
  let firstProblem: string | null = null;
  const names = explainer.names;
  const reader = await AttentionReader.create({
    model: explainer.model,
    weights: storedWeights(checkpoint.tensors, explainer.model.prefix),
    layer: settings.attentionLayer,
    padId: explainer.tokenizer.padId,
    session: sessionOn(device),
  });
  try {
    const options = { wanted, methods: [methodLabel(method)] };
    for await (const answers of explainTexts(explainer, asked, options)) {
      for (const answer of answers) {
        if (answer.error !== null) {
          counts.skipped += 1;
          firstProblem ??= `${JSON.stringify(answer.text.slice(0, 60))}: ${answer.error}`;
          continue;
        }
        counts.unconverged += answer.attribution.marks.length > 0 ? 1 : 0;
        const units = unitsOf(answer, pieces);
        averages.add(answer.target, units);
        texts.push({ label: answer.target, encoded: answer.encoded, units });
      }
      counts.done += answers.length;
      progress(counts.done, asked.length);
    }
    const ranked = rankAll(averages, names, settings);
    const keywords = new Map(names.map((name) => [name, keywordsOf(ranked, name, settings)]));
    const contexts = await readContexts(reader, texts, { keywords, top: settings.cloudWords });
    const { positive, negative, notes } = ranked;
    return {
      report: { positive, negative, contexts, seed: settings.seed },
      explained: texts.length,
      skipped: counts.skipped,
      firstProblem,
      unconverged: counts.unconverged,
      notes,
    };
  } finally {
    await explainer.close();
    await reader.close();
  }
}

type Ranked = {
  readonly positive: ClassWords;
  readonly negative: ClassWords;
  readonly notes: readonly string[];
};

function rankAll(
  averages: ReturnType<typeof createAverages>,
  names: readonly string[],
  { minCount, top }: InspectSettings,
): Ranked {
  const notes: string[] = [];
  const words = (sign: "positive" | "negative"): ClassWords =>
    names.map((name) => {
      const { words: found, least } = averages.rank(name, sign, { least: minCount, top });
      if (found.length > 0 && least < minCount && sign === "positive") {
        notes.push(`${name}: no word occurs ${minCount} times, so words with ${least} are ranked`);
      }
      return [name, found] as const;
    });
  return { positive: words("positive"), negative: words("negative"), notes };
}

/** The first words of both lists, without repetition. */
function keywordsOf(
  ranked: Ranked,
  name: string,
  { keywords }: InspectSettings,
): readonly string[] {
  const first = (lists: ClassWords): readonly string[] =>
    (lists.find(([label]) => label === name)?.[1] ?? [])
      .slice(0, keywords)
      .map(({ token }) => token);
  return [...new Set([...first(ranked.positive), ...first(ranked.negative)])];
}
