/** @file `probegrid plan`: what would be computed, before anything is. */

import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { attributionPlan, planAttributions } from "../attribute/plan-attributions.ts";
import { measuredRates, noRates } from "../estimate.ts";
import { loadAnyExperiment } from "../experiment.ts";
import { planTrainings } from "../finetune/plan-trainings.ts";
import { planJson, planLines as trainingLines } from "../finetune/trainings-report.ts";
import { openGrid } from "../grid.ts";
import { type Plan, planGrid, refuseOverfull } from "../plan.ts";
import { planLines } from "../run/report.ts";
import { slurmPlanLines } from "../slurm/plan-lines.ts";
import { readSlurmSettings } from "../slurm/settings.ts";
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
    if ("kind" in experiment && experiment.kind === "attribute") {
      const groups = (await planAttributions(experiment, cache)) ?? [];
      const { done } = remember(store);
      const plan = attributionPlan(experiment, groups, (id) => done.has(id));
      const text = json ? JSON.stringify(plan, null, 2) : plan.lines.join("\n");
      process.stdout.write(`${text}\n`);
      return;
    }
    if ("kind" in experiment) {
      const trainings = await planTrainings(experiment, cache);
      const { done } = remember(store);
      const open = trainings.filter(({ id }) => !done.has(id));
      process.stdout.write(
        json
          ? `${JSON.stringify(planJson(experiment, trainings, open), null, 2)}\n`
          : `${trainingLines(experiment, trainings, open).join("\n")}\n`,
      );
      return;
    }
    const grid = await openGrid(experiment, cache);
    const { done, rates } = remember(store);
    const plan: Plan = planGrid(grid, { cache, workers, done, rates });
    refuseOverfull(plan, { cache, store });
    const text = json ? JSON.stringify(plan, null, 2) : planLines(grid, plan).join("\n");
    process.stdout.write(`${text}\n`);
    if (executor !== "slurm" || json) return;
    const settings = readSlurmSettings(slurm);
    const lines = await slurmPlanLines(grid, { cache, device, done, rates, settings });
    process.stdout.write(`${lines.join("\n")}\n`);
  },
});

/** What an earlier run left in the store; planning alone makes no store. */
function remember(file: string) {
  if (!existsSync(file)) return { done: new Set<string>(), rates: noRates };
  using store = openStore(file, { readonly: true });
  return { done: doneTrials(store), rates: measuredRates(store) };
}
