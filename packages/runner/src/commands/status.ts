/** @file `probegrid status`: what stands where, what is still running, what failed. */

import { formatBytes, formatCount, formatDuration, plural } from "../format.ts";
import { plainText } from "../plain-text.ts";
import { printLines } from "../print.ts";
import {
  type BestScore,
  type ExperimentOverview,
  type Failure,
  openStore,
  readStatus,
  type StoreStatus,
} from "../store/index.ts";
import { type Column, tableLines } from "../table.ts";
import { defineCommand } from "./define-command.ts";
import { storeOption } from "./options.ts";

export const statusCommand = defineCommand({
  builder: (yargs) =>
    yargs
      .option("store", storeOption)
      .example("$0 status", "what stands where")
      .example("watch $0 status", "follow a run from another terminal"),
  handler: async ({ store: file }) => {
    using store = openStore(file, { readonly: true });
    await printLines(statusLines(readStatus(store)));
  },
});

/** A status as lines of text. */
export function* statusLines(status: StoreStatus): Generator<string> {
  const { file, bytes, experiments, failures } = status;
  yield `store ${file}, ${formatBytes(bytes)}`;
  yield "";
  if (experiments.length === 0) {
    yield "no experiments yet; probegrid run <experiment> makes the first";
    return;
  }
  yield* tableLines(columns, experiments);
  for (const experiment of experiments) yield* runLines(experiment);
  yield* remarkLines(experiments);
  yield* failureLines(experiments, failures);
}

const columns: readonly Column<ExperimentOverview>[] = [
  { title: "experiment", cell: ({ name }) => name },
  { title: "state", cell: ({ state }) => state },
  { title: "done", right: true, cell: ({ counts }) => formatCount(counts.done) },
  { title: "failed", right: true, cell: ({ counts }) => formatCount(counts.failed) },
  {
    title: "to do",
    right: true,
    cell: ({ counts }) => formatCount(counts.pending + counts.running),
  },
  { title: "best score", cell: ({ best }) => (best === null ? null : scoreText(best)) },
  { title: "with", cell: placeText },
  { title: "last run", cell: ({ lastRun }) => timeText(lastRun?.startedAt) },
  {
    title: "time",
    right: true,
    cell: ({ seconds, lastRun }) => (lastRun === null ? null : formatDuration(seconds)),
  },
];

function scoreText({ metric, mean, low, high }: BestScore): string {
  const interval =
    low === null || high === null ? "" : ` (${low.toFixed(3)} to ${high.toFixed(3)})`;
  return `${metric} ${mean.toFixed(3)}${interval}`;
}

/** The accuracy of an attribution is that of the model, whatever the method. */
function placeText({ kind, best }: ExperimentOverview): string | null {
  if (best === null) return null;
  const { layer, layerMethod, token, classifier, model, dataset } = best;
  if (kind === "attribute") return ["the explained model", model, dataset].join(", ");
  // Of a single layer there is nothing to combine.
  const pooling = [
    layer === null ? null : `layer ${layer}`,
    token,
    layerMethod === null || /^\d+$/.test(layer ?? "") ? null : `${layerMethod} of layers`,
  ].filter((part) => part !== null);
  return [...pooling, classifier, model, dataset].join(", ");
}

/** Local time to the minute: 2026-11-21 07:03. */
function timeText(time: number | undefined): string | null {
  if (time === undefined) return null;
  const local = new Date(time - new Date(time).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16).replace("T", " ");
}

/** Slow work is told per minute. */
function rateText(perSecond: number, unit: string): string {
  return perSecond < 1
    ? `${(60 * perSecond).toFixed(1)} ${unit}/min`
    : `${formatCount(perSecond)} ${unit}/s`;
}

/** How far a run at work is, stage by stage. */
function* runLines({ name, lastRun, secondsLeft }: ExperimentOverview): Generator<string> {
  if (lastRun?.alive !== true) return;
  const left =
    secondsLeft === null
      ? ""
      : `, about ${formatDuration(secondsLeft)} left, until ${timeText(Date.now() + 1000 * secondsLeft)}`;
  yield "";
  yield plainText(`${name}: process ${lastRun.pid} on ${lastRun.host} is at work${left}`);
  for (const { stage, done, failed, total, unit, rate } of lastRun.stages) {
    const share = total === 0 ? 100 : Math.floor((100 * done) / total);
    const parts = [
      `  ${stage.padEnd(9)} ${String(share).padStart(3)} %`,
      `${formatCount(done)} of ${formatCount(total)} ${unit}`,
      ...(rate === null ? [] : [rateText(rate, unit)]),
      ...(failed === 0 ? [] : [`${formatCount(failed)} failed`]),
    ];
    yield plainText(parts.join("  "));
  }
}

function* remarkLines(experiments: readonly ExperimentOverview[]): Generator<string> {
  const remarked = experiments.filter(({ note, tags }) => note !== null || tags.length > 0);
  if (remarked.length > 0) yield "";
  for (const { name, note, tags } of remarked) {
    const parts = [...(tags.length > 0 ? [`[${tags.join(", ")}]`] : []), note ?? ""];
    yield plainText(`${name}: ${parts.join(" ")}`).trimEnd();
  }
}

const failureColumns: readonly Column<Failure>[] = [
  { title: "trial", cell: ({ trial }) => trial },
  { title: "experiment", cell: ({ experiment }) => experiment },
  { title: "when", cell: ({ finishedAt }) => timeText(finishedAt) },
  { title: "error", cell: ({ error }) => error.split("\n")[0] ?? error },
];

function* failureLines(
  experiments: readonly ExperimentOverview[],
  failures: readonly Failure[],
): Generator<string> {
  if (failures.length === 0) return;
  const total = experiments.reduce((sum, { counts }) => sum + counts.failed, 0);
  const which = total > failures.length ? `, the newest ${failures.length}` : "";
  yield "";
  yield `${plural(total, "failed trial")}${which} (run the experiment again to try them once more):`;
  yield* tableLines(failureColumns, failures);
}
