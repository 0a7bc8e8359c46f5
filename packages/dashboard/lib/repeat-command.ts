/** @file The exact command that computes one trial again: its experiment, cut down to this one point. */

import type { Owner, TrialFacts } from "./queries/trial.ts";

type Spec = {
  readonly classifier?: Record<string, unknown>;
  readonly encoding?: Record<string, unknown>;
  readonly folds?: unknown;
  readonly seed?: unknown;
  readonly pooling?: {
    readonly layers?: readonly number[];
    readonly layerMethod?: string | null;
    readonly token?: Record<string, unknown> & { readonly kind?: string };
  };
};

/** A command for a shell, with a store of its own so that the finished trial does not stand in the way; null where the trial was not run by us. */
export function repeatCommand(trial: TrialFacts, owners: readonly Owner[]): string | null {
  const owner = owners.find(({ source, command }) => source !== null && command !== null);
  if (owner === undefined || owner.source === null || trial.kind !== "probe") return null;
  const spec = JSON.parse(trial.spec) as Spec;
  const { layers = [], layerMethod, token } = spec.pooling ?? {};
  const pooler = {
    layer: layers.length === 1 ? layers[0] : layers,
    ...(layers.length > 1 && layerMethod ? { layerMethod } : {}),
    token: tokenWord(token),
  };
  const changes = {
    datasets: [datasetOf(trial, owner)],
    models: [trial.modelPath],
    // Functions written in the experiment file have no other home: their lists stay as they are.
    ...(token?.kind === "custom" ? {} : { poolers: [pooler] }),
    ...("custom" in (spec.classifier ?? {})
      ? {}
      : { classifiers: [spec.classifier ?? trial.classifier] }),
    ...(spec.folds === undefined ? {} : { folds: spec.folds }),
    ...(spec.seed === undefined ? {} : { seed: spec.seed }),
    ...spec.encoding,
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

/** The dataset as the experiment names it, with its columns and limits. */
function datasetOf(trial: TrialFacts, owner: Owner): unknown {
  const { datasets } = JSON.parse(owner.spec) as { datasets?: readonly unknown[] };
  const named = datasets?.find((dataset) => {
    const path =
      typeof dataset === "string" ? dataset : (dataset as { path?: unknown } | null)?.path;
    return (
      typeof path === "string" &&
      (trial.datasetPath.endsWith(path) || path.endsWith(trial.datasetPath))
    );
  });
  return named ?? trial.datasetPath;
}

/** A token pooling as experiment files write it: "mean", {"quantile": 0.5}. */
function tokenWord(token: NonNullable<Spec["pooling"]>["token"]): unknown {
  if (token === undefined) return "mean";
  const { kind, ...rest } = token;
  if (kind === undefined) return token;
  if (kind === "quantile") return { quantile: rest.quantile };
  return kind === "firstMean" || kind === "lastMean" ? { [kind]: rest.count } : kind;
}

/** Quoted for POSIX shells; nothing inside can end the quotes. */
function quoted(text: string): string {
  return /^[\w./:=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
