/** @file Explains some rows of a dataset by every method and measures how faithful that is: what one job does. */

import { type Device, type MethodSpec, methodLabel, Scorer } from "@probegrid/probes";
import type { Checkpoint } from "../checkpoint.ts";
import type { AttributionRecord } from "../store/index.ts";
import { type Answered, type Asked, explainTexts, marksOf } from "./explain-texts.ts";
import { type Explainer, openExplainer } from "./explainer.ts";
import {
  checkTexts,
  type Explained,
  type MeasureSettings,
  type Measures,
  measureTexts,
} from "./measure.ts";
import type { Wanted } from "./target.ts";

/** What an explainer is opened for; all of it stays the same from job to job. */
export type ExplainSettings = {
  readonly checkpoint: Checkpoint;
  readonly methods: readonly MethodSpec[];
  readonly wanted: Wanted;
  readonly truncation: "end" | "front";
  readonly maxTokens: number | null;
  readonly device: Device;
  /** Threads of one session. */
  readonly threads: number;
  /** How faithfulness is measured; null: it is not. */
  readonly measures: MeasureSettings | null;
};

/** A row of the dataset; `checked` rows are also explained with noise and with random weights. */
export type AskedRow = Asked & { readonly row: number; readonly checked: boolean };

/** An explainer and what measures it. Close it to free its memory. */
export type OpenRows = {
  readonly explainer: Explainer;
  readonly scorer: Scorer | null;
  readonly close: () => Promise<void>;
};

/** Compiles what the jobs of one dataset and model need. */
export async function openRows(settings: ExplainSettings): Promise<OpenRows> {
  const { measures } = settings;
  const explainer = await openExplainer(settings.checkpoint, settings);
  const { tools } = explainer.attributor;
  const scorer = measures === null ? null : await Scorer.create(tools, measures.perturbation);
  const close = async () => {
    await explainer.close();
    await scorer?.close();
  };
  return { explainer, scorer, close };
}

/** Records of each method, in the order of the methods; in each one per row. */
export async function explainRows(
  { explainer, scorer }: OpenRows,
  settings: ExplainSettings,
  rows: readonly AskedRow[],
): Promise<readonly (readonly AttributionRecord[])[]> {
  const { wanted, measures } = settings;
  const methods = settings.methods.map(methodLabel);
  const answers: Answered[] = [];
  for await (const part of explainTexts(explainer, rows, { wanted, methods }))
    answers.push(...part);
  const byRow = rows.map((_, i) => answers.slice(i * methods.length, (i + 1) * methods.length));
  const texts = rows.map((row, i) => ({ row, explained: explainedOf(byRow[i]!) }));
  const found = new Map<number, Map<string, Measures>>();
  const keep = (some: typeof texts, measured: readonly ReadonlyMap<string, Measures>[]): void => {
    some.forEach(({ row }, i) => {
      const own = found.get(row.row) ?? new Map<string, Measures>();
      for (const [method, more] of measured[i]!) own.set(method, { ...own.get(method), ...more });
      found.set(row.row, own);
    });
  };
  if (measures !== null && scorer !== null) {
    const fine = texts.filter(({ explained }) => explained.attributions.size > 0);
    const all = fine.map(({ explained }) => explained);
    keep(fine, await measureTexts({ explainer, scorer }, all, measures));
    const checked = fine.filter(({ row }) => row.checked);
    const some = checked.map(({ explained }) => explained);
    const { seed } = measures;
    keep(checked, await checkTexts(settings.checkpoint, settings, { texts: some, seed }));
  }
  return methods.map((method, m) =>
    rows.map(({ row }, i) => recordOf(row, byRow[i]![m]!, found.get(row)?.get(method) ?? {})),
  );
}

/** The question and the answers to it; no answers where the text could not be explained. */
function explainedOf(answers: readonly Answered[]): Explained {
  const fine = answers.flatMap((answer) => (answer.error === null ? [answer] : []));
  const output = fine[0]?.output ?? 0;
  return {
    query: { example: answers[0]!.encoded, target: { output } },
    attributions: new Map(fine.map(({ method, attribution }) => [method, attribution])),
  };
}

function recordOf(row: number, answer: Answered, measures: Measures): AttributionRecord {
  const { target, predicted, tokens, encoded } = answer;
  const known = { row, target, predicted, tokens, words: encoded.words };
  if (answer.error !== null) return { ...known, error: answer.error, marks: [] };
  const { attribution, logit } = answer;
  return {
    ...known,
    ...{ error: null, logit, residual: attribution.residual },
    ...{ scores: attribution.scores, layers: attribution.layers },
    marks: marksOf(answer),
    measures: { ...measures, details: attribution.details },
  };
}
