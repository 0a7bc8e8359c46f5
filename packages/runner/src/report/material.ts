/** @file What an experiment was made of: datasets with their findings, models, versions. */

import { formatBytes, formatCount } from "../format.ts";
import type { Store } from "../store/index.ts";
import { experimentKey } from "../store/runs.ts";

/** A small table with a title. */
export type Material = {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

const mostLabels = 20;

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
      columns: ["name", "rows", "task", "labels", "id"],
      rows: datasets.map(({ name, id, task, rows, labels }) => [
        ...[name, formatCount(rows), task, labelText(labels), id],
      ]),
    },
    {
      title: "Models",
      columns: ["name", "layers", "width", "numbers", "id"],
      rows: models.map(({ name, id, layers, width, dtype }) => [
        ...[name, String(layers), String(width), dtype, id],
      ]),
    },
    {
      title: "Computed with",
      ...environmentTable(
        environments.map(({ details }) => JSON.parse(details) as Record<string, unknown>),
      ),
    },
  ];
}

/** Names of classes as a list; of many the first. */
function labelText(json: string): string {
  const labels = json === "" ? [] : (JSON.parse(json) as readonly string[]);
  const more = labels.length > mostLabels ? [`${labels.length - mostLabels} more`] : [];
  return [...labels.slice(0, mostLabels), ...more].join(", ").slice(0, 400);
}

/** A row per fact, a column per machine. */
function environmentTable(
  machines: readonly Readonly<Record<string, unknown>>[],
): Pick<Material, "columns" | "rows"> {
  const facts = [...new Set(machines.flatMap((machine) => Object.keys(machine)))];
  const shown = (fact: string, value: unknown): string =>
    fact === "memory" ? formatBytes(Number(value)) : String(value ?? "");
  return {
    columns: [],
    rows: facts.map((fact) => [fact, ...machines.map((machine) => shown(fact, machine[fact]))]),
  };
}
