/** @file The plan before a run and the table after it, as lines of text. */

import { relative } from "node:path";
import { storeOption } from "../commands/options.ts";
import type { Experiment } from "../experiment/complete.ts";
import { formatBytes, formatCount, formatDuration, plural } from "../format.ts";
import { foldCount, type Grid } from "../grid.ts";
import type { Plan, StagePlan } from "../plan.ts";
import { type BestLayer, type RunOutcome, readBestLayers, type Store } from "../store/index.ts";
import { type Column, tableLines } from "../table.ts";

/** What will be computed, stage by stage, and what is odd about the data. */
export function planLines(grid: Grid, plan: Plan): readonly string[] {
  const { experiment, datasets, models, classifiers } = grid;
  const poolings = models.reduce((sum, model) => sum + model.poolings.length, 0);
  const axes = [
    plural(datasets.length, "dataset"),
    plural(models.length, "model"),
    `${plural(poolings, "pooling")}${models.length > 1 ? " over the models" : ""}`,
    ...classifierAxes(classifiers),
  ];
  const { encode, probe } = plan.stages;
  const stages = [
    { ...encode, stage: "encode", what: "encodings" },
    { ...probe, stage: "probe", what: "trials" },
  ];
  return [
    `${experiment.name}${experiment.question === null ? "" : `: ${experiment.question}`}`,
    `${axes.join(" x ")}; ${plural(foldCount(experiment), "fold")} a trial, ${formatCount(plan.folds)} in all`,
    ...datasets.flatMap(({ name, findings }) =>
      findings.messages.map((message) => `note: dataset ${name}: ${message}`),
    ),
    ...grid.notes.map((note) => `note: ${note}`),
    "",
    ...tableLines(stageColumns, stages),
    "",
  ];
}

/** Classifiers, and what the grid crosses them with. */
function classifierAxes(classifiers: Grid["classifiers"]): readonly string[] {
  const count = (values: readonly (number | undefined)[]) =>
    new Set(values.filter((value) => value !== undefined)).size;
  const sizes = count(classifiers.map(({ trainRows }) => trainRows));
  const seeds = count(classifiers.map(({ seed }) => seed));
  const each = Math.max(1, sizes) * Math.max(1, seeds);
  return [
    plural(classifiers.length / each, "classifier"),
    ...(sizes > 0 ? [plural(sizes, "training size")] : []),
    ...(seeds > 0 ? [plural(seeds, "seed")] : []),
  ];
}

type StageRow = StagePlan & { readonly stage: string; readonly what: string };

const stageColumns: readonly Column<StageRow>[] = [
  { title: "stage", cell: ({ stage }) => stage },
  { title: "what", cell: ({ what }) => what },
  { title: "total", right: true, cell: ({ total }) => formatCount(total) },
  { title: "done", right: true, cell: ({ cached }) => formatCount(cached) },
  { title: "to do", right: true, cell: ({ total, cached }) => formatCount(total - cached) },
  { title: "disk, about", right: true, cell: (row) => ifOpen(row, formatBytes(row.bytes)) },
  { title: "time, about", right: true, cell: (row) => ifOpen(row, formatDuration(row.seconds)) },
];

function ifOpen({ total, cached }: StageRow, text: string): string | null {
  return total > cached ? text : null;
}

const mostRows = 24; // of the closing table, with a row for every classifier

/** The best layer of each dataset, pooling and classifier beside its baseline, and where to look next. */
export function resultLines(
  store: Store,
  { name }: Experiment,
  outcome: RunOutcome,
): readonly string[] {
  const all = readBestLayers(store, name);
  const shown = all.length > mostRows ? bestClassifiers(all) : all;
  const flagged = shown.some(({ flags }) => flags.length > 0);
  const table = [...tableLines(flagged ? [...resultColumns, flagColumn] : resultColumns, shown)];
  return [
    ...(table.length > 0 ? ["", ...table] : []),
    ...(shown.length < all.length ? ["of each pooling only the best classifier is shown"] : []),
    "",
    ...endings[outcome],
    `results are in ${relative("", store.file)}`,
    ...nextLines(store.file, name),
  ];
}

/** What to look at next; the store is named where it is not the one the commands open by themselves. */
function nextLines(file: string, name: string): readonly string[] {
  const path = relative("", file);
  const store = path === storeOption.default ? "" : ` --store ${quoted(path)}`;
  const commands = [
    [`npx probegrid results --experiment ${quoted(name)}${store}`, "every score"],
    [`npx probegrid dashboard${store}`, "layers and poolings side by side, in the browser"],
  ] as const;
  const width = Math.max(...commands.map(([command]) => command.length));
  return commands.map(([command, what]) => `${command.padEnd(width)}  ${what}`);
}

/** The best row of each dataset, model and pooling; leading metrics are better when larger. */
function bestClassifiers(rows: readonly BestLayer[]): readonly BestLayer[] {
  const best = new Map<string, BestLayer>();
  for (const row of rows) {
    const { dataset, model, token, layerMethod, metric, layer } = row;
    const layers = layerMethod === null ? null : layer;
    const key = JSON.stringify([dataset, model, token, layerMethod, metric, layers]);
    if (row.mean > (best.get(key)?.mean ?? Number.NEGATIVE_INFINITY)) best.set(key, row);
  }
  return [...best.values()];
}

const endings: Readonly<Record<RunOutcome, readonly string[]>> = {
  done: [],
  failed: ["some trials failed: probegrid status says why, and another run tries them again"],
  stopped: ["stopped before the end: another run goes on from here"],
};

const resultColumns: readonly Column<BestLayer>[] = [
  { title: "dataset", cell: ({ dataset }) => dataset },
  { title: "model", cell: ({ model }) => model },
  { title: "pooling", cell: poolingName },
  { title: "classifier", cell: ({ classifier }) => classifier },
  { title: "best layer", right: true, cell: layerText },
  { title: "metric", cell: ({ metric }) => metric },
  { title: "mean", right: true, cell: ({ mean }) => mean.toFixed(3) },
  { title: "95 % over folds", cell: intervalText },
  { title: "baseline", cell: baselineText },
];

/** Shown where a best trial has remarks, such as "not converged". */
const flagColumn: Column<BestLayer> = { title: "flags", cell: ({ flags }) => flags.join("; ") };

function poolingName({ token, layerMethod }: BestLayer): string {
  return layerMethod === null ? (token ?? "") : `${token}, ${layerMethod} of layers`;
}

function layerText({ layer, layers }: BestLayer): string {
  return layers > 1 ? `${layer} of ${layers}` : String(layer ?? "");
}

function intervalText({ low, high }: BestLayer): string | null {
  return low === null || high === null ? null : `${low.toFixed(3)} to ${high.toFixed(3)}`;
}

function baselineText({ baseline, baselineName }: BestLayer): string | null {
  return baseline === null ? null : `${baseline.toFixed(3)} (${baselineName})`;
}

/** As a shell wants it. */
function quoted(name: string): string {
  return /^[\w./-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}
