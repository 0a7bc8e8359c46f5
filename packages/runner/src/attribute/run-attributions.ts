/** @file Runs an experiment of attributions: every method of a dataset and model together, a few texts at a time. */

import { type Device, Scorer } from "@probegrid/probes";
import { canonicalJson } from "../canonical.ts";
import { describeEnvironment } from "../environment.ts";
import { messageOf } from "../errors.ts";
import { isFatal } from "../explain-error.ts";
import { modelRecordOf } from "../finetune/records.ts";
import { formatDuration } from "../format.ts";
import type { Log } from "../log.ts";
import { openRunnerStore } from "../run/open-runner-store.ts";
import {
  type AttributionRecord,
  attributedRows,
  claimTrials,
  failTrial,
  finishRun,
  finishTrials,
  planTrials,
  type RunOutcome,
  readAttributions,
  recordAttributions,
  recordDataset,
  recordEnvironment,
  recordExperiment,
  recordModel,
  recordProgress,
  resetRunning,
  retryFailed,
  type Store,
  startRun,
  stateLookup,
} from "../store/index.ts";
import type { AttributeExperiment } from "./experiment.ts";
import { type Answered, type Asked, explainTexts } from "./explain-texts.ts";
import { openExplainer } from "./explainer.ts";
import { checkTexts, type Explained, type Measures, measureTexts } from "./measure.ts";
import {
  type AttributionGroup,
  type AttributionTrial,
  attributionPlan,
  planAttributions,
} from "./plan-attributions.ts";
import { writeAttributionReport } from "./report/write-report.ts";
import { summariseRows } from "./summarise-rows.ts";

export type AttributionsOptions = {
  readonly store: string;
  readonly cache: string;
  readonly device: Device;
  readonly log: Log;
  /** Aborting it finishes the texts in flight; the rest is computed by the next run. */
  readonly stop: AbortController;
  readonly failFast: boolean;
  readonly join?: boolean | undefined;
  readonly command: string;
};

/** Texts explained, measured and recorded together. */
const together = 32;

/** Computes what is missing of an experiment, writes its report, and says how it ended. */
export async function runAttributions(
  experiment: AttributeExperiment,
  options: AttributionsOptions,
): Promise<RunOutcome> {
  const { log, stop, device, command } = options;
  const groups = await planAttributions(experiment, options.cache);
  using store = await openRunnerStore(options.store, options);
  resetRunning(store);
  const key = recordAll(store, experiment, groups);
  retryFailed(store, key);
  const stateOf = stateLookup(store);
  const isDone = (id: string): boolean => stateOf(id) === "done";
  for (const line of attributionPlan(experiment, groups, isDone).lines) log.line(line);
  const environment = recordEnvironment(store, describeEnvironment(device));
  const run = startRun(store, { experiment: key, command, device, workers: 1, environment });
  const context = { ...options, experiment, store, environment, run };
  let outcome: RunOutcome = "stopped";
  let failed = 0;
  try {
    for (const group of groups) {
      if (stop.signal.aborted) break;
      const open = group.trials.filter(({ id }) => !isDone(id));
      if (open.length === 0) continue;
      const ended = await explainGroup(context, { ...group, trials: open });
      if (ended === "failed") failed += open.length;
      if (ended === "failed" && options.failFast) stop.abort();
    }
    if (failed > 0) outcome = "failed";
    else if (!stop.signal.aborted) outcome = "done";
  } finally {
    finishRun(store, run, outcome);
    resetRunning(store); // rows that are recorded stay; the next run goes on after them
  }
  const finished = groups.map((group) => {
    return { ...group, trials: group.trials.filter(({ id }) => isDone(id)) };
  });
  const read = (id: string) => readAttributions(store, id);
  for (const line of writeAttributionReport(experiment, finished, read)) log.line(line);
  return outcome;
}

type Context = Omit<AttributionsOptions, "store"> & {
  readonly experiment: AttributeExperiment;
  readonly store: Store;
  readonly environment: string;
  readonly run: number;
};

async function explainGroup(
  context: Context,
  group: AttributionGroup,
): Promise<"done" | "failed" | "stopped"> {
  const { store, log, environment } = context;
  const begun = performance.now();
  const ids = group.trials.map(({ id }) => id);
  claimTrials(store, ids);
  try {
    const complete = await explainRows(context, group);
    if (!complete) return "stopped";
    const seconds = (performance.now() - begun) / 1000;
    const truth = truthOf(group);
    finishTrials(
      store,
      group.trials.map(({ id }) => ({
        ...{ id, environment, seconds: seconds / ids.length },
        ...summariseRows(readAttributions(store, id), truth),
      })),
    );
    const { dataset, checkpoint } = group;
    log.finish("attribute", `${dataset.name}, ${checkpoint.name}: ${formatDuration(seconds)}`);
    return "done";
  } catch (error) {
    if (isFatal(error)) throw error;
    for (const id of ids) failTrial(store, id, error);
    log.line(`failed: ${messageOf(error)}`);
    return "failed";
  }
}

/** Explains the rows that some trial lacks; false where it was stopped before the end. */
async function explainRows(context: Context, group: AttributionGroup): Promise<boolean> {
  const { experiment, store, stop, device } = context;
  const { dataset, checkpoint, trials } = group;
  const { wanted, truncation, maxTokens, perturbation, checkedTexts, seed } = experiment;
  const methods = trials.map(({ method }) => method);
  const options = { methods, wanted, device, truncation, maxTokens };
  const known = trials.map(({ id }) => attributedRows(store, id));
  const missing = dataset.texts
    .map((_, row) => row)
    .filter((row) => !known.every((k) => k.has(row)));
  const explainer = await openExplainer(checkpoint, options);
  const scorer = await Scorer.create(explainer.attributor.tools, perturbation);
  const truth = truthOf(group);
  const begun = performance.now();
  let done = 0;
  try {
    for (let start = 0; start < missing.length; start += together) {
      if (stop.signal.aborted) return false;
      const rows = missing.slice(start, start + together);
      const asked = rows.map((row): Asked => {
        const textPair = dataset.textPairs?.[row] ?? null;
        return { text: dataset.texts[row]!, textPair, label: truth(row) };
      });
      const answers = await answerAll(
        explainTexts(explainer, asked, {
          wanted,
          methods: trials.map(({ label }) => label),
        }),
      );
      const byRow = rows.map((_, i) => answers.slice(i * trials.length, (i + 1) * trials.length));
      const explained = byRow.map(explainedOf);
      const fine = explained.map((one, i) => ({ one, i })).filter(({ one }) => one !== null);
      const texts = fine.map(({ one }) => one!);
      const measured = await measureTexts({ explainer, scorer }, texts, experiment);
      const checked = fine.filter(({ i }) => rows[i]! < checkedTexts).map(({ one }) => one!);
      const checks = await checkTexts(checkpoint, options, { texts: checked, seed });
      trials.forEach(({ id }, t) => {
        recordAttributions(
          store,
          id,
          rows.map((row, i) => {
            const at = texts.indexOf(explained[i]!);
            const check = checked.indexOf(explained[i]!);
            const label = trials[t]!.label;
            const measures = {
              ...(at >= 0 && measured[at]!.get(label)),
              ...(check >= 0 && checks[check]!.get(label)),
            };
            return recordOf(row, byRow[i]![t]!, measures);
          }),
        );
      });
      done += rows.length;
      tell(context, { done, total: missing.length, begun });
    }
    return true;
  } finally {
    await explainer.close();
    await scorer.close();
  }
}

async function answerAll(parts: AsyncIterable<readonly Answered[]>): Promise<readonly Answered[]> {
  const all: Answered[] = [];
  for await (const part of parts) all.push(...part);
  return all;
}

/** The question and its answers, where there are any. */
function explainedOf(answers: readonly Answered[]): Explained | null {
  const attributions = new Map(
    answers.flatMap((answer) =>
      answer.error === null ? [[answer.method, answer.attribution] as const] : [],
    ),
  );
  const first = answers[0]!;
  if (first.error !== null) return null;
  const { encoded: example, output } = first;
  return { query: { example, target: { output } }, attributions };
}

function recordOf(
  row: number,
  answer: Answered,
  measures: Measures | Record<string, never>,
): AttributionRecord {
  const { target, predicted, tokens, encoded } = answer;
  const known = { row, target, predicted, tokens, words: encoded.words };
  if (answer.error !== null) return { ...known, error: answer.error, marks: [] };
  const { attribution, logit } = answer;
  const cut = encoded.truncated > 0 ? [`${encoded.truncated} tokens cut off`] : [];
  return {
    ...known,
    ...{ error: null, logit, residual: attribution.residual },
    ...{ scores: attribution.scores, layers: attribution.layers },
    marks: [...attribution.marks, ...cut],
    measures: { ...measures, details: attribution.details },
  };
}

/** Class names by row; null for values. */
function truthOf({ dataset }: AttributionGroup): (row: number) => string | null {
  const { labels, targets } = dataset;
  return (row) => (labels === null ? null : (labels[Number(targets[row])] ?? null));
}

function tell(
  { store, log, run }: Context,
  { done, total, begun }: { readonly done: number; readonly total: number; readonly begun: number },
): void {
  const seconds = (performance.now() - begun) / 1000;
  const rate = done / seconds;
  const secondsLeft = (total - done) / rate;
  const count = { done, total, failed: 0, unit: "texts" };
  log.progress("attribute", {
    ...{ ...count, share: done / total, secondsLeft },
    rate: `${rate.toFixed(1)} texts/s`,
  });
  recordProgress(store, run, [{ ...count, stage: "attribute", rate, secondsLeft }]);
}

function recordAll(
  store: Store,
  { folder: _, ...experiment }: AttributeExperiment,
  groups: readonly AttributionGroup[],
): number {
  const { name, question, source } = experiment;
  const key = recordExperiment(store, {
    ...{ name, question, source, kind: "attribute" },
    spec: canonicalJson(experiment),
  });
  for (const { dataset, checkpoint, model } of groups) {
    recordDataset(store, dataset);
    recordModel(store, modelRecordOf(checkpoint, model));
  }
  const trials: readonly AttributionTrial[] = groups.flatMap((group) => group.trials);
  planTrials(
    store,
    key,
    trials.map(({ planned }) => planned),
  );
  return key;
}
