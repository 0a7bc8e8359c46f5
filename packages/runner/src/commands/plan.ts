/** @file `probegrid plan`: what would be computed, before anything is. */

import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { attributionPlan, planAttributions } from "../attribute/plan-attributions.ts";
import type { DeviceChoice } from "../device-choices.ts";
import { measuredRates, noRates } from "../estimate.ts";
import { type AnyExperiment, loadAnyExperiment } from "../experiment.ts";
import { planTrainings } from "../finetune/plan-trainings.ts";
import { planJson, planLines as trainingLines } from "../finetune/trainings-report.ts";
import { openGrid } from "../grid.ts";
import { type Plan, planGrid, refuseOverfull } from "../plan.ts";
import { planLines } from "../run/report.ts";
import {
  openAttributions,
  openProbes,
  openTrainings,
  slurmPlanLines,
} from "../slurm/plan-lines.ts";
import { readSlurmSettings, type SlurmSettings } from "../slurm/settings.ts";
import type { Shard } from "../slurm/shard.ts";
import { doneTrials, openStore } from "../store/index.ts";
import { defineCommand } from "./define-command.ts";
import {
  cacheOption,
  deviceOption,
  executorOption,
  setOption,
  slurmOption,
  storeOption,
  workersOption,
} from "./options.ts";

export const planCommand = defineCommand({
  builder: (yargs) =>
    yargs
      .positional("experiment", {
        type: "string",
        demandOption: true,
        describe: "Experiment file: .ts, .json or .yaml",
      })
      .options({ store: storeOption, cache: cacheOption, workers: workersOption, set: setOption })
      .options({ executor: executorOption, slurm: slurmOption, device: deviceOption })
      .option("json", { type: "boolean", default: false, describe: "Print the plan as JSON" })
      .example("$0 plan experiments/demo.ts", "read the plan")
      .example("$0 plan grid.yaml --json", "as JSON, for a script")
      .example("$0 plan grid.json --set folds.k=5", "what five folds would cost")
      .example("$0 plan grid.json --executor slurm", "scripts and shards, without submitting"),
  handler: async ({
    experiment: file,
    store,
    cache,
    workers = availableParallelism(),
    set,
    json,
    executor,
    slurm,
    device,
  }) => {
    const experiment = await loadAnyExperiment(file, { set });
    const settings = executor === "slurm" ? readSlurmSettings(slurm) : null;
    const { lines, value, shards } = await planOf(experiment, { store, cache, workers, device });
    process.stdout.write(`${json ? JSON.stringify(value, null, 2) : lines.join("\n")}\n`);
    if (settings === null || json) return;
    const more = await slurmPlanLines(await shards(settings), settings);
    process.stdout.write(`${more.join("\n")}\n`);
  },
});

type Planning = {
  readonly store: string;
  readonly cache: string;
  readonly workers: number;
  readonly device: DeviceChoice;
};

type Planned = {
  /** For people, and for scripts. */
  readonly lines: readonly string[];
  readonly value: object;
  /** For a cluster. */
  readonly shards: (settings: SlurmSettings) => readonly Shard[] | Promise<readonly Shard[]>;
};

async function planOf(experiment: AnyExperiment, options: Planning): Promise<Planned> {
  const { store, cache, workers, device } = options;
  if (!("kind" in experiment)) {
    const grid = await openGrid(experiment, cache);
    const { done, rates } = remember(store);
    const plan: Plan = planGrid(grid, { cache, workers, done, rates });
    refuseOverfull(plan, { cache, store });
    return {
      ...{ lines: planLines(grid, plan), value: plan },
      shards: (settings) => openProbes(grid, { cache, device, done, rates, settings }),
    };
  }
  if (experiment.kind === "attribute") {
    const groups = (await planAttributions(experiment, cache)) ?? [];
    const { done } = remember(store);
    const plan = attributionPlan(experiment, groups, (id) => done.has(id));
    return {
      ...{ lines: plan.lines, value: plan },
      shards: async (settings) =>
        await openAttributions(experiment, groups, { cache, device, done, settings }),
    };
  }
  const trainings = await planTrainings(experiment, cache);
  const { done } = remember(store);
  const open = trainings.filter(({ id }) => !done.has(id));
  return {
    lines: trainingLines(experiment, trainings, open),
    value: planJson(experiment, trainings, open),
    shards: (settings) => openTrainings(experiment, trainings, { cache, device, done, settings }),
  };
}

/** What an earlier run left in the store; planning alone makes no store. */
function remember(file: string) {
  if (!existsSync(file)) return { done: new Set<string>(), rates: noRates };
  using store = openStore(file, { readonly: true });
  return { done: doneTrials(store), rates: measuredRates(store) };
}
