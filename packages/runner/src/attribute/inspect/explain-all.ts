/** @file Explains a whole dataset for `inspect`, in the store where there is one, so that the same command goes on there. */

import type { MethodSpec } from "@probegrid/probes";
import type { Checkpoint } from "../../checkpoint.ts";
import type { Dataset } from "../../dataset.ts";
import { openRunnerStore } from "../../run/open-runner-store.ts";
import { type AttributionRecord, openStore, readAttributions } from "../../store/index.ts";
import { completeAttribute } from "../experiment.ts";
import { groupOf } from "../plan-attributions.ts";
import { recordGroups } from "../record-groups.ts";
import { type AttributionsOptions, explainGroups } from "../run-attributions.ts";

/** Where and how it runs; without a store nothing is kept. */
export type ExplainOptions = Omit<AttributionsOptions, "store" | "cache" | "failFast" | "join"> & {
  readonly store: string | undefined;
};

type Asked = {
  readonly name: string;
  readonly method: MethodSpec;
  readonly target: "true" | "predicted";
  readonly truncation: "end" | "front";
  readonly maxTokens: number | null;
  readonly seed: number;
};

type Work = {
  readonly checkpoint: Checkpoint;
  readonly dataset: Dataset;
  readonly asked: Asked;
};

export type AllExplained = {
  /** Id of the trial that holds the records. */
  readonly trial: string;
  readonly records: readonly AttributionRecord[];
};

/** A record per row; null where it was stopped before the last one. */
export async function explainAll(
  { checkpoint, dataset, asked }: Work,
  options: ExplainOptions,
): Promise<AllExplained | null> {
  const { method, name, target, truncation, maxTokens, seed } = asked;
  const experiment = {
    ...completeAttribute(
      {
        ...{ kind: "attribute", name, target, truncation, maxTokens, seed, measures: false },
        ...{ datasets: dataset.path, models: checkpoint.path, methods: [method] },
        question: `Which words does ${checkpoint.name} decide ${dataset.name} by?`,
      },
      { source: null, folder: "." },
    ),
    methods: [method], // random scores decide nothing here
  };
  const group = groupOf(experiment, dataset, checkpoint);
  using store =
    options.store === undefined
      ? openStore(":memory:")
      : await openRunnerStore(options.store, options);
  const key = recordGroups(store, experiment, [group]);
  let problem: unknown;
  const outcome = await explainGroups(
    { experiment, key, groups: [group], store },
    {
      ...options,
      failFast: false,
      onFailure: (error) => {
        problem = error;
      },
    },
  );
  if (outcome === "failed") throw problem;
  if (outcome === "stopped") return null;
  const trial = group.trials[0]!.id;
  return { trial, records: readAttributions(store, trial) };
}
