/** @file The exact command that computes one trial again: its experiment, cut down to this one point. */

import type { Owner, TrialFacts } from "./queries/trial.ts";

type Spec = {
  readonly classifier?: {
    readonly name?: string;
    readonly options?: Record<string, unknown>;
    readonly custom?: unknown;
    readonly hash?: unknown;
  };
  readonly encoding?: Record<string, unknown>;
  readonly folds?: unknown;
  readonly seed?: unknown;
  readonly pooling?: {
    readonly layers?: readonly number[];
    readonly layerMethod?: string | null;
    readonly token?: Record<string, unknown> & { readonly kind?: string };
  };
};

/** The command that a fine-tuning was recorded with. */
function trainingCommand(trial: TrialFacts, owners: readonly Owner[]): string | null {
  type Entry = { readonly id: string; readonly command?: string };
  for (const { spec } of owners) {
    const { trainings = [] } = JSON.parse(spec) as { trainings?: readonly Entry[] };
    const own = trainings.find(({ id }) => id === trial.id);
    if (own?.command !== undefined) return own.command;
  }
  return null;
}

/** A command for a shell, with a store of its own so that the finished trial does not stand in the way; null where the trial was not run by us. */
export function repeatCommand(trial: TrialFacts, owners: readonly Owner[]): string | null {
  if (trial.kind === "finetune") return trainingCommand(trial, owners);
  const owner = owners.find(({ source, command }) => source !== null && command !== null);
  if (owner === undefined || owner.source === null || trial.kind !== "probe") return null;
  const { pooling, classifier, folds, seed, encoding } = JSON.parse(trial.spec) as Spec;
  const changes = {
    datasets: [datasetOf(trial, owner)],
    models: [trial.modelPath],
    // Functions written in the experiment file have no other home: their lists stay as they are.
    ...(pooling === undefined || pooling.token?.kind === "custom"
      ? {}
      : { poolers: [poolerOf(pooling)] }),
    ...(isOwnFunction(classifier)
      ? {}
      : { classifiers: [{ name: trial.classifier, ...classifier?.options }] }),
    ...(folds === undefined ? {} : { folds }),
    ...(seed === undefined ? {} : { seed }),
    ...encoding,
  };
  const sets = Object.entries(changes).map(
    ([path, value]) => `  --set ${quoted(`${path}=${JSON.stringify(value)}`)}`,
  );
  return [
    `npx probegrid run ${quoted(owner.source)}`,
    ...sets,
    `  --store ${quoted(`repeat-${trial.id}.db`)}`,
  ].join(" \\\n");
}

function isOwnFunction(classifier: Spec["classifier"]): boolean {
  return classifier?.custom != null || classifier?.hash !== undefined;
}

/** The dataset as the experiment names it, with its columns and limits; paths stay as they were looked up. */
function datasetOf(trial: TrialFacts, owner: Owner): unknown {
  const { datasets = [] } = JSON.parse(owner.spec) as { datasets?: readonly unknown[] };
  if (datasets.length === 1) return datasets[0];
  const named = datasets.find((dataset) =>
    pathsOf(dataset).some((path) => trial.datasetPath.endsWith(path.replace(/^(\.{0,2}\/)+/, ""))),
  );
  return named ?? trial.datasetPath;
}

function pathsOf(dataset: unknown): readonly string[] {
  if (typeof dataset === "string") return [dataset];
  const { path, train } = (dataset ?? {}) as { path?: unknown; train?: unknown };
  return [path, train].filter((file) => typeof file === "string");
}

/** A pooling as experiment files write it: {"layer": 3, "token": {"quantile": 0.5}}. */
function poolerOf({ layers = [], layerMethod, token }: NonNullable<Spec["pooling"]>): unknown {
  return {
    layer: layers.length === 1 ? layers[0] : layers,
    ...(layers.length > 1 && layerMethod ? { layerMethod } : {}),
    token: tokenOf(token),
  };
}

function tokenOf(token: NonNullable<Spec["pooling"]>["token"]): unknown {
  const { kind, quantile, count } = token ?? {};
  if (kind === "quantile") return { quantile };
  return kind === "firstMean" || kind === "lastMean" ? { [kind]: count } : (kind ?? "mean");
}

/** Quoted for POSIX shells; nothing inside can end the quotes. */
function quoted(text: string): string {
  return /^[\w./:=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
