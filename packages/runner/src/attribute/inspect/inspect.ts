/** @file The second stage of R0's worker: attributes a data set, averages words, reads their contexts. */

import { basename, resolve } from "node:path";
import type { MethodSpec } from "@probegrid/probes";
import type { Checkpoint } from "../../checkpoint.ts";
import type { Dataset } from "../../dataset.ts";
import { ExperimentError } from "../../errors.ts";
import { readClassifierConfig } from "../../finetune/classifier-config.ts";
import { shortText } from "../../plain-text.ts";
import { openRunnerStore } from "../../run/open-runner-store.ts";
import { recordContexts } from "../../store/index.ts";
import { contextText, firstWords, openReader } from "./context-texts.ts";
import { readContexts } from "./contexts.ts";
import { type ExplainOptions, explainAll } from "./explain-all.ts";
import { createAverages } from "./word-averages.ts";
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
  /** Texts with a warning: a completeness gap above the tolerance, tokens cut off. */
  readonly marked: number;
  readonly notes: readonly string[];
};

export type InspectWork = {
  readonly checkpoint: Checkpoint;
  readonly dataset: Dataset;
  readonly settings: InspectSettings;
  /** The folder of the report, which names the record in the store. */
  readonly out: string;
};

/** Explains every text of a data set towards its class and averages what words contribute; null if stopped. */
export async function inspect(
  work: InspectWork,
  options: ExplainOptions,
): Promise<Inspection | null> {
  const { checkpoint, dataset, settings, out } = work;
  if (dataset.labels === null) {
    throw new ExperimentError(`${dataset.path}: expected classes as labels, got numbers`);
  }
  const reader = await openReader(work, { layer: settings.attentionLayer, device: options.device });
  try {
    const name = `inspect ${basename(resolve(out))}`;
    const asked = { ...settings, name, target: settings.by };
    const all = await explainAll({ checkpoint, dataset, asked }, options);
    if (all === null) return null;
    const { trial, records } = all;
    const fine = records.filter((record) => record.error === null);
    const texts = fine.map((record) => contextText(work, record));
    const names = readClassifierConfig(checkpoint.config).labels ?? [];
    const averages = createAverages();
    for (const { label, units } of texts) averages.add(label, units);
    const ranked = rankAll(averages, names, settings);
    const keywords = new Map(
      names.map((name) => [name, firstWords([ranked.positive, ranked.negative], name, settings)]),
    );
    const contexts = await readContexts(reader, texts, { keywords, top: settings.cloudWords });
    if (options.store !== undefined) {
      using store = await openRunnerStore(options.store, options);
      recordContexts(store, trial, { layer: reader.layer, found: contexts });
    }
    const { positive, negative, notes } = ranked;
    const problem = records.find(({ error }) => error !== null);
    return {
      report: { positive, negative, contexts, seed: settings.seed },
      explained: fine.length,
      skipped: records.length - fine.length,
      firstProblem:
        problem === undefined
          ? null
          : `${JSON.stringify(dataset.texts[problem.row]!.slice(0, 60))}: ${problem.error}`,
      marked: fine.filter(({ marks }) => marks.length > 0).length,
      notes,
    };
  } finally {
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
      if (found.length > 0 && least < minCount) {
        const side = sign === "positive" ? "for" : "against";
        notes.push(
          `${shortText(name, 32)}: no word speaks ${side} it in ${minCount} places, so words are ranked that do in ${least}`,
        );
      }
      return [name, found] as const;
    });
  return { positive: words("positive"), negative: words("negative"), notes };
}
