/** @file Explains a dataset by every method with one model: what the store lacks, row by row, and then its trials. */

import type { Device } from "@probegrid/probes";
import type { Executor } from "../executor.ts";
import { isFatal } from "../explain-error.ts";
import { formatDuration } from "../format.ts";
import type { Log } from "../log.ts";
import {
  type AttributionRecord,
  attributedRows,
  claimTrials,
  failTrial,
  finishTrials,
  readAttributions,
  recordProgress,
  type Store,
} from "../store/index.ts";
import type { AttributeExperiment } from "./experiment.ts";
import { explainDataset, rowsTogether } from "./explain-dataset.ts";
import type { AskedRow, ExplainSettings } from "./explain-rows.ts";
import { type AttributionGroup, secondsOf } from "./plan-attributions.ts";
import { recordRows } from "./record-rows.ts";
import { sampleOf, withRegularization } from "./sample-regularization.ts";
import { summariseRows } from "./summarise-rows.ts";

export type GroupContext = {
  readonly experiment: AttributeExperiment;
  readonly store: Store;
  readonly environment: string;
  /** Key of this run in the store. */
  readonly run: number;
  readonly executor: Executor;
  readonly device: Device;
  readonly log: Log;
  readonly stop: AbortController;
  readonly onFailure: (error: unknown) => void;
};

/** Explains what is missing; a problem that every row meets fails the trials, and is told. */
export async function explainGroup(
  context: GroupContext,
  group: AttributionGroup,
): Promise<"done" | "failed" | "stopped"> {
  const { store, log, environment } = context;
  const begun = performance.now();
  const ids = group.trials.map(({ id }) => id);
  claimTrials(store, ids);
  try {
    const complete = await explainMissing(context, group);
    if (!complete) return "stopped";
    const seconds = (performance.now() - begun) / 1000;
    finishGroup({ store, environment }, group, seconds);
    const { dataset, checkpoint } = group;
    log.finish("attribute", `${dataset.name}, ${checkpoint.name}: ${formatDuration(seconds)}`);
    return "done";
  } catch (error) {
    if (isFatal(error)) throw error;
    for (const id of ids) failTrial(store, id, error);
    context.onFailure(error);
    return "failed";
  }
}

/** Scores the trials of a group whose rows are all recorded, in so many seconds. */
export function finishGroup(
  { store, environment }: Pick<GroupContext, "store" | "environment">,
  group: AttributionGroup,
  seconds: number,
): void {
  const truth = truthOf(group);
  finishTrials(
    store,
    group.trials.map(({ id }) => ({
      ...{ id, environment, seconds: seconds / group.trials.length },
      ...summariseRows(readAttributions(store, id), truth),
    })),
  );
}

/** Explains the rows that some trial lacks; false where it was stopped before the end. */
async function explainMissing(context: GroupContext, group: AttributionGroup): Promise<boolean> {
  const { store, stop, executor } = context;
  const { trials } = group;
  const known = trials.map(({ id }) => attributedRows(store, id));
  const rows = askedRows(context, group).filter(({ row }) => !known.every((k) => k.has(row)));
  const begun = performance.now();
  let done = 0;
  const record = (found: readonly (readonly AttributionRecord[])[]): void => {
    recordRows(context, group, found);
    done += found[0]!.length;
    tell(context, { done, total: rows.length, begun });
  };
  const settings = await settingsOf(context, group);
  const together = togetherOf(group);
  await explainDataset({ settings, rows, together }, { executor, stop: stop.signal, record });
  return done === rows.length;
}

/** Rows of one job. */
export function togetherOf(group: AttributionGroup): number {
  const { length } = group.dataset.texts;
  return rowsTogether(length, secondsOf(group, () => false) / length);
}

/** What the workers are told about a group. */
export async function settingsOf(
  { experiment, device, executor }: Pick<GroupContext, "experiment" | "device" | "executor">,
  { dataset, checkpoint, trials }: AttributionGroup,
): Promise<Omit<ExplainSettings, "threads">> {
  const { wanted, truncation, maxTokens, perturbation, infidelityDraws, seed } = experiment;
  const specs = trials.map(({ method }) => method);
  const settings = {
    ...{ checkpoint, wanted, truncation, maxTokens, device, methods: specs },
    measures: experiment.measures ? { perturbation, infidelityDraws, seed } : null,
  };
  const sample = sampleOf(specs);
  if (sample === 0) return settings;
  const measured = await executor.run("regularize", {
    ...{ ...settings, threads: executor.threads },
    texts: dataset.texts.slice(0, sample),
    textPairs: dataset.textPairs?.slice(0, sample) ?? null,
  });
  return { ...settings, methods: withRegularization(specs, measured) };
}

/** Every row of the dataset with its true class. */
export function askedRows(
  { experiment }: Pick<GroupContext, "experiment">,
  group: AttributionGroup,
): readonly AskedRow[] {
  const { texts, textPairs } = group.dataset;
  const truth = truthOf(group);
  return texts.map((text, row) => ({
    ...{ row, text, textPair: textPairs?.[row] ?? null, label: truth(row) },
    checked: row < experiment.checkedTexts,
  }));
}

/** Class names by row; null for values. */
function truthOf({ dataset }: AttributionGroup): (row: number) => string | null {
  const { labels, targets } = dataset;
  return (row) => (labels === null ? null : (labels[Number(targets[row])] ?? null));
}

function tell(
  { store, log, run }: GroupContext,
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
