/** @file Probing results that can stand beside attributions: the best layer curve of a dataset and model. */

import { leadingMetrics } from "@probegrid/runner/store";
import { compareScores } from "../metrics.ts";
import type { Store } from "../store.ts";
import type { Group } from "./attribution-groups.ts";

/** A dataset and a model of as many layers that were probed. */
export type ProbeChoice = {
  readonly name: string;
  readonly datasetId: string;
  readonly modelId: string;
  /** 2: same dataset and model, 1: one of them, 0: neither. */
  readonly nearness: number;
};

/** Probed pairs whose layers can be put on the same axis, nearest first. */
export function fetchProbeChoices(store: Store, group: Group): readonly ProbeChoice[] {
  type Row = { datasetId: string; modelId: string; dataset: string; model: string };
  const rows = store.all<Row>(
    `select distinct d.id as datasetId, m.id as modelId, d.name as dataset, m.name as model
       from main.trials t join main.datasets d on d.id = t.dataset
         join main.models m on m.id = t.model
       where t.kind = 'probe' and t.state = 'done' and t.layerIndex is not null and m.layers = ?
       order by dataset, model, datasetId, modelId`,
    group.layers,
  );
  const plain = (name: string) => name.replace(/ \([0-9a-f]{4}\)$/, "");
  const found = rows.map(({ datasetId, modelId, dataset, model }) => ({
    ...{ datasetId, modelId },
    name: `${dataset} / ${model}`,
    nearness:
      Number(datasetId === group.datasetId || dataset === plain(group.dataset)) +
      Number(modelId === group.modelId),
  }));
  const names = found.map(({ name }) => name);
  return found
    .map((one) => {
      const unique = names.filter((name) => name === one.name).length === 1;
      return unique ? one : { ...one, name: `${one.name} (${one.datasetId.slice(0, 4)})` };
    })
    .toSorted((a, b) => b.nearness - a.nearness);
}

/** The pair a view asks for; without one, the nearest that shares dataset or model. */
export function chooseProbe(
  choices: readonly ProbeChoice[],
  asked: string | null,
): ProbeChoice | undefined {
  if (asked === "none") return undefined;
  return choices.find(({ name }) => name === asked) ?? choices.find(({ nearness }) => nearness > 0);
}

/** A layer curve of probing: mean over trials with the mean of their intervals over folds. */
export type ProbeLine = {
  readonly metric: string;
  readonly label: string;
  readonly points: readonly {
    readonly layer: number;
    readonly mean: number;
    readonly low: number | null;
    readonly high: number | null;
  }[];
};

/** Of all poolings and classifiers of a pair, the line with the best layer; null without scores. */
export function fetchProbeLine(
  store: Store,
  { datasetId, modelId }: ProbeChoice,
): ProbeLine | null {
  const metrics = store.all<{ metric: string }>(
    `select distinct s.metric from main.summaries s join main.trials t on t.key = s.trial
       where t.kind = 'probe' and t.dataset = ? and t.model = ?`,
    datasetId,
    modelId,
  );
  const known = new Set(metrics.map(({ metric }) => metric));
  const metric =
    Object.values(leadingMetrics).find((name) => known.has(name)) ?? metrics[0]?.metric;
  if (metric === undefined) return null;
  const rows = store.all<ProbeLine["points"][number] & { readonly label: string }>(
    `select trim(t.token || ', ' || t.classifier || ' ' || t.options) as label,
       t.layerIndex as layer, avg(s.mean) as mean, avg(s.low) as low, avg(s.high) as high
     from main.trials t join main.summaries s on s.trial = t.key and s.metric = ?
     where t.kind = 'probe' and t.dataset = ? and t.model = ? and t.layerIndex is not null
     group by label, t.layerIndex order by label, t.layerIndex`,
    metric,
    datasetId,
    modelId,
  );
  const best = [...rows].sort((a, b) => compareScores(metric, b.mean, a.mean))[0];
  if (best === undefined) return null;
  const points = rows.filter(({ label }) => label === best.label);
  return {
    ...{ metric, label: best.label },
    points: points.map(({ layer, mean, low, high }) => ({ layer, mean, low, high })),
  };
}
