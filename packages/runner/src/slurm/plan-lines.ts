/** @file `plan --executor slurm`: the script, what sbatch would be told, and which shard is in which task. Submits nothing. */

import type { AttributeExperiment } from "../attribute/experiment.ts";
import type { AttributionGroup } from "../attribute/plan-attributions.ts";
import type { Rates } from "../estimate.ts";
import type { FinetuneExperiment } from "../finetune/experiment.ts";
import type { PlannedTraining } from "../finetune/plan-trainings.ts";
import { formatCount, formatDuration } from "../format.ts";
import type { Grid } from "../grid.ts";
import { pendingPairs } from "../run/pending.ts";
import { recordGrid } from "../run/record-grid.ts";
import { claimTrials, openStore, openTrials } from "../store/index.ts";
import { type Column, tableLines } from "../table.ts";
import { type ClusterOptions, openTrialsOf, shardsOf } from "./compute-on-cluster.ts";
import { openPieces, pieceShards } from "./explain-on-cluster.ts";
import { jobScript } from "./job-script.ts";
import { readSubmitLimits } from "./limits.ts";
import { planTasks } from "./plan-tasks.ts";
import type { SlurmSettings } from "./settings.ts";
import type { Shard } from "./shard.ts";
import { arraysOf, sbatchArguments } from "./submit.ts";
import { trainingShards } from "./train-on-cluster.ts";
import { tuningShards } from "./tune-on-cluster.ts";

type Options = ClusterOptions & {
  readonly cache: string;
  readonly done: ReadonlySet<string>;
};

/** What `run --executor slurm` would submit now. */
export async function slurmPlanLines(
  shards: readonly Shard[],
  settings: SlurmSettings,
): Promise<readonly string[]> {
  const sized = shards.map(({ seconds }, i) => ({ id: String(i), seconds }));
  const { array: limit, why } = await readSubmitLimits(settings);
  const arrays = arraysOf(planTasks(sized, settings), limit);
  const rows = arrays.flatMap((tasks, array) =>
    tasks.flatMap((task, index) =>
      task.shards.flatMap((id) => {
        const shard = shards[Number(id)];
        return shard ? [{ array, index, minutes: task.minutes, shard }] : [];
      }),
    ),
  );
  const commands = arrays.flatMap((tasks, i) => {
    const [first] = tasks;
    if (!first) return [];
    const name = `probegrid-<id>-${i}`;
    const shape = { name, tasks: tasks.length, arrays: arrays.length };
    return [`sbatch ${sbatchArguments(settings, first, shape).map(shown).join(" ")}`];
  });
  if (rows.length === 0) return ["slurm: nothing to submit"];
  return [
    ...tableLines(columns, rows),
    "",
    `the queue takes ${why ?? "as many tasks as it takes: the accounts name no limit"}`,
    `an array may have ${formatCount(limit)} tasks here; sbatch would be told:`,
    ...commands,
    "",
    "the script, the same for every experiment; values come in the environment:",
    ...jobScript.trimEnd().split("\n"),
  ];
}

type Row = {
  readonly array: number;
  readonly index: number;
  readonly minutes: number;
  readonly shard: Shard;
};

const columns: readonly Column<Row>[] = [
  { title: "array", right: true, cell: ({ array }) => String(array) },
  { title: "task", right: true, cell: ({ index }) => String(index) },
  { title: "dataset x model", cell: ({ shard }) => shard.name },
  { title: "results", right: true, cell: ({ shard }) => formatCount(shard.trials.length) },
  { title: "time, about", right: true, cell: ({ shard }) => formatDuration(shard.seconds) },
  { title: "task limit", right: true, cell: ({ minutes }) => `${formatCount(minutes)} min` },
];

/** As `run` finds them, with a store in memory that knows what is done. */
export function openProbes(
  grid: Grid,
  { cache, device, done, rates, settings }: Options & { readonly rates: Rates },
): readonly Shard[] {
  using store = openStore(":memory:");
  const experiment = recordGrid(store, grid);
  const known = [...openTrials(store, experiment)].map(({ id }) => id);
  claimTrials(
    store,
    known.filter((id) => done.has(id)),
  );
  const pending = { grid, store, rates, workers: settings.cpus };
  const pairs = pendingPairs(pending);
  const open = openTrialsOf(pairs, pending);
  return shardsOf({ grid, cache }, { pairs, pending, device, taken: new Set(), open });
}

/** Trainings without a result. */
export function openTrainings(
  experiment: FinetuneExperiment,
  trainings: readonly PlannedTraining[],
  { cache, device, done }: Options,
): readonly Shard[] {
  const wanted = trainings.filter(({ id }) => !done.has(id));
  return trainingShards({ experiment, trainings, cache }, wanted, device);
}

/** Pieces of what is not explained; of models that are to be fine-tuned first, only that. */
export async function openAttributions(
  experiment: AttributeExperiment,
  groups: readonly AttributionGroup[],
  { cache, device, done, settings }: Options,
): Promise<readonly Shard[]> {
  using store = openStore(":memory:");
  const open = groups
    .filter(({ untrained }) => untrained !== true)
    .map((group) => ({ ...group, trials: group.trials.filter(({ id }) => !done.has(id)) }))
    .filter(({ trials }) => trials.length > 0);
  const { bundle } = settings;
  return [
    ...(await tuningShards(experiment, { cache, device })),
    ...pieceShards({ experiment, cache }, openPieces(store, open), { device, bundle }),
  ];
}

/** As a person may type it. */
function shown(argument: string): string {
  return /^[\w@%=:.,/+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
