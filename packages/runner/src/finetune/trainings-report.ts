/** @file The plan of an experiment of fine-tunings, and the table it ends with. */

import { dirname, join } from "node:path";
import { formatBytes, formatCount, formatDuration, plural } from "../format.ts";
import type { Store } from "../store/index.ts";
import { type Column, tableLines } from "../table.ts";
import { bestTrainings } from "./best-training.ts";
import type { FinetuneExperiment } from "./experiment.ts";
import type { PlannedTraining } from "./plan-trainings.ts";
import { changedKnobs } from "./records.ts";

/** What will be trained, and about what it costs. */
export function planLines(
  { name, question, datasets, models, points, pruning }: FinetuneExperiment,
  trainings: readonly PlannedTraining[],
  open: readonly PlannedTraining[],
): readonly string[] {
  const sum = (of: (training: PlannedTraining) => number): number =>
    open.reduce((total, training) => total + of(training), 0);
  const done = trainings.length - open.length;
  return [
    `${name}${question === null ? "" : `: ${question}`}`,
    `${plural(datasets.length, "dataset")} x ${plural(models.length, "model")} x ${plural(points.length, "point")} = ${plural(trainings.length, "training")}${done > 0 ? `, ${formatCount(done)} done` : ""}`,
    ...(open.length === 0
      ? []
      : [
          `at most ${plural(
            sum(({ updates }) => updates),
            "update",
          )}, about ${formatDuration(sum(({ seconds }) => seconds))} and ${formatBytes(sum(({ bytes }) => bytes))} of checkpoints`,
        ]),
    ...(pruning === null ? [] : [`pruning: ${pruning.kind}`]),
  ];
}

/** `plan --json` of an experiment of fine-tunings. */
export function planJson(
  { name }: FinetuneExperiment,
  trainings: readonly PlannedTraining[],
  open: readonly PlannedTraining[],
): object {
  const sum = (of: (training: PlannedTraining) => number): number =>
    open.reduce((total, training) => total + of(training), 0);
  return {
    experiment: name,
    kind: "finetune",
    trials: trainings.length,
    cached: { trials: trainings.length - open.length },
    updates: sum(({ updates }) => updates),
    bytes: sum(({ bytes }) => bytes),
    seconds: sum(({ seconds }) => seconds),
  };
}

type Row = {
  readonly training: PlannedTraining;
  readonly state: string;
  readonly scores: Readonly<Record<string, number>>;
  readonly flags: readonly string[];
  readonly error: string | null;
  readonly best: boolean;
};

/** Every training with its scores, the best one marked, and where its checkpoint is. */
export function resultLines(
  store: Store,
  { name }: FinetuneExperiment,
  trainings: readonly PlannedTraining[],
): readonly string[] {
  const best = bestTrainings(store, trainings);
  const rows = trainings.map((training) => ({
    ...readRow(store, training),
    best: best.includes(training),
  }));
  const { common, differing } = sharedKnobs(trainings);
  return [
    "",
    ...tableLines(columnsFor(differing, rows), rows),
    "",
    ...(common.length > 0 ? [`all of them: ${common.join(" ")}`] : []),
    ...rows.flatMap(({ training, flags }) => {
      const note = flags.find(isPruned);
      return note === undefined ? [] : [`${training.id} ${note}`];
    }),
    ...rows.flatMap(({ training, error }) =>
      error === null ? [] : [`${training.id} failed: ${error}`],
    ),
    ...best.map(({ dataset, out }) => {
      const link = best.length === 1 ? `, also ${join(dirname(out), "best")}` : "";
      return `best by its validation rows, on ${dataset.name}: ${out}${link}`;
    }),
    `results are in ${store.file}; experiment ${JSON.stringify(name)}`,
  ];
}

const metric = (name: string) => (row: Row) => row.scores[name]?.toFixed(4) ?? null;

const isPruned = (flag: string): boolean => flag.startsWith("pruned");

/** Changed knobs as words: those that every training has, and per training the others. */
function sharedKnobs(trainings: readonly PlannedTraining[]) {
  const words = trainings.map(({ settings }) => changedKnobs(settings).split(" ").filter(Boolean));
  const common =
    words.length < 2 ? [] : words[0]!.filter((word) => words.every((own) => own.includes(word)));
  const differing = new Map(
    trainings.map(({ id }, i) => [id, words[i]!.filter((word) => !common.includes(word))]),
  );
  return { common, differing };
}

const columnsFor = (
  differing: ReadonlyMap<string, readonly string[]>,
  rows: readonly Row[],
): readonly Column<Row>[] => [
  { title: "", cell: ({ best }) => (best ? "*" : "") },
  { title: "trial", cell: ({ training }) => training.id },
  { title: "dataset", cell: ({ training }) => training.dataset.name },
  { title: "model", cell: ({ training }) => training.checkpoint.name },
  { title: "head", cell: ({ training: { settings } }) => settings.pooling },
  { title: "knobs", cell: ({ training }) => differing.get(training.id)?.join(" ") || "–" },
  { title: "seed", right: true, cell: ({ training }) => String(training.settings.seed) },
  { title: "state", cell: ({ state, flags }) => (flags.some(isPruned) ? "pruned" : state) },
  ...[
    { title: "accuracy", right: true, cell: metric("accuracy") },
    { title: "macro F1", right: true, cell: metric("macroF1") },
    { title: "R²", right: true, cell: metric("r2") },
  ].filter(({ cell }) => rows.some((row) => cell(row) !== null)),
];

function readRow(store: Store, training: PlannedTraining): Omit<Row, "best"> {
  const trial = store.sqlite
    .prepare<[string], { key: number; state: string; flags: string | null; error: string | null }>(
      "select key, state, flags, error from trials where id = ?",
    )
    .get(training.id);
  const scores = store.sqlite
    .prepare<[number], { metric: string; value: number }>(
      "select metric, value from scores where trial = ? and fold = 0",
    )
    .all(trial?.key ?? -1);
  return {
    training,
    state: trial?.state ?? "pending",
    scores: Object.fromEntries(scores.map(({ metric: name, value }) => [name, value])),
    flags: JSON.parse(trial?.flags ?? "[]") as string[],
    error: trial?.error ?? null,
  };
}
