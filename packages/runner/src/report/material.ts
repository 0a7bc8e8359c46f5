/** @file What an experiment was made of: datasets with their findings, models, versions. */

import type { Store } from "../store/index.ts";
import { experimentKey } from "../store/runs.ts";

/** A small table with a title. */
export type Material = { readonly title: string; readonly rows: readonly (readonly string[])[] };

export function readMaterial(store: Store, experiment: string): readonly Material[] {
  const key = experimentKey(store, experiment);
  const members =
    "select trials.* from trials join experiment_trials on trial = trials.key where experiment = ?";
  const all = <Row>(sql: string): readonly Row[] =>
    store.sqlite.prepare<[number], Row>(sql).all(key);
  const datasets = all<{ name: string; id: string; task: string; rows: number; labels: string }>(
    `select name, id, task, rows, coalesce(labels, '') as labels from datasets
     where id in (select dataset from (${members})) order by name`,
  );
  const models = all<{ name: string; id: string; layers: number; width: number; dtype: string }>(
    `select name, id, layers, width, dtype from models
     where id in (select model from (${members})) order by name`,
  );
  const environments = all<{ details: string }>(
    `select details from environments where id in (select environment from (${members}))`,
  );
  return [
    {
      title: "Datasets",
      rows: datasets.map(({ name, id, task, rows, labels }) => [
        name,
        `${rows} rows`,
        task,
        labels.slice(0, 200),
        id,
      ]),
    },
    {
      title: "Models",
      rows: models.map(({ name, id, layers, width, dtype }) => [
        name,
        `${layers} layers of ${width}`,
        dtype,
        id,
      ]),
    },
    {
      title: "Computed with",
      rows: environments.map(({ details }) =>
        Object.entries(JSON.parse(details) as Record<string, unknown>).map(
          ([name, value]) => `${name} ${value}`,
        ),
      ),
    },
  ];
}
