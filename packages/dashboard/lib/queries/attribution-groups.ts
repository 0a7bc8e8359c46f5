/** @file What was explained: one group per dataset, model, target and setting, one trial per method. */

import type { AttributionView } from "../attribution-view.ts";
import type { Store } from "../store.ts";

/** One method of a group. */
export type MethodTrial = {
  readonly key: number;
  readonly id: string;
  /** Its name; with its options where another method of the group has the same name. */
  readonly label: string;
  /** Options that are not the method's defaults. */
  readonly options: string;
  readonly state: string;
};

/** Texts of a dataset explained on a model in one way, by several methods. */
export type Group = {
  readonly datasetId: string;
  readonly modelId: string;
  readonly dataset: string;
  readonly model: string;
  /** What is explained: predicted, true, a label, a unit. */
  readonly target: string;
  /** What tells groups of the same target apart, "" where nothing does. */
  readonly setting: string;
  readonly methods: readonly MethodTrial[];
  /** Class names in class order; null for values. */
  readonly labels: readonly string[] | null;
  /** Whether some text was reached. */
  readonly begun: boolean;
  /** Layers of the model. */
  readonly layers: number;
  /** How tokens were taken out: pad, mask, delete, mean. */
  readonly perturbation: string;
  /** Limits of the experiment's tables. */
  readonly minTokens: number;
  readonly minCount: number;
};

type Row = MethodTrial & {
  readonly datasetId: string;
  readonly modelId: string;
  readonly dataset: string;
  readonly model: string;
  readonly target: string;
  readonly labels: string | null;
  readonly layers: number;
  readonly spec: string;
  readonly begun: 0 | 1;
  readonly limits: string | null;
};

/** Every group of the store, by name; datasets or models of one name are told apart by their ids. */
export function fetchGroups(store: Store): readonly Group[] {
  const rows = store.all<Row>(
    `select t.key, t.id, t.classifier as label, t.options, t.state,
       d.id as datasetId, m.id as modelId, ${named("datasets", "d")} as dataset,
       ${named("models", "m")} as model, ifnull(t.token, '') as target, d.labels,
       exists (select 1 from main.attributions where trial = t.key) as begun,
       m.layers, t.spec, (select json_object('minTokens', json_extract(e.spec, '$.minTokens'),
         'minCount', json_extract(e.spec, '$.minCount')) from main.experiment_trials et
         join main.experiments e on e.key = et.experiment
         where et.trial = t.key order by e.key desc limit 1) as limits
     from main.trials t join main.datasets d on d.id = t.dataset
       join main.models m on m.id = t.model
     where t.kind = 'attribute' order by dataset, model, target, t.key`,
  );
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.datasetId, row.modelId, row.target, settingOf(row)]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const found = [...groups.values()];
  return found.map((own) => groupOf(own, found));
}

/** The command of the last run that asked for a trial; null where none did. */
export function fetchLastCommand(store: Store, trial: number): string | null {
  const [run] = store.all<{ command: string }>(
    `select r.command from main.experiment_trials et join main.runs r on r.experiment = et.experiment
       where et.trial = ? order by r.startedAt desc limit 1`,
    trial,
  );
  return run?.command ?? null;
}

/** The name of a row of a table, with the start of its id where others have the same name. */
const named = (table: string, alias: string): string =>
  `(case when (select count(*) from main.${table} o where o.name = ${alias}.name) > 1
     then ${alias}.name || ' (' || substr(${alias}.id, 1, 4) || ')' else ${alias}.name end)`;

function groupOf(own: readonly Row[], all: readonly (readonly Row[])[]): Group {
  const first = own[0];
  if (first === undefined) throw new Error("internal: a group of attributions has no trial");
  const { datasetId, modelId, dataset, model, target, layers } = first;
  const limits = JSON.parse(first.limits ?? "{}") as Partial<Group>;
  const rivals = all
    .flatMap(([one]) => (one === undefined ? [] : [one]))
    .filter((one) => one.datasetId === datasetId && one.modelId === modelId)
    .filter((one) => one.target === target);
  return {
    ...{ datasetId, modelId, dataset, model, target, layers },
    setting: rivals.length < 2 ? "" : told(first, rivals),
    methods: own.map(({ key, id, label, options, state }) => {
      const alone = own.filter((one) => one.label === label).length === 1;
      return { key, id, label: alone ? label : `${label} ${options}`.trim(), options, state };
    }),
    begun: own.some(({ begun }) => begun === 1),
    labels: first.labels === null ? null : (JSON.parse(first.labels) as readonly string[]),
    perturbation: String(specOf(first).perturbation ?? "pad"),
    minTokens: limits.minTokens ?? 1,
    minCount: limits.minCount ?? 1,
  };
}

/** Options of a trial that are not its dataset, model, method or target. */
function specOf({ spec }: Row): Readonly<Record<string, unknown>> {
  const { kind, dataset, model, method, target, version, ...rest } = JSON.parse(spec) as Record<
    string,
    unknown
  >;
  return rest;
}

const settingOf = (row: Row): string => JSON.stringify(specOf(row));

/** Options in which some rivals differ, in words. */
function told(row: Row, rivals: readonly Row[]): string {
  const own = specOf(row);
  return Object.entries(own)
    .filter(([name, value]) =>
      rivals.some((rival) => JSON.stringify(specOf(rival)[name]) !== JSON.stringify(value)),
    )
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}

/** The group a view asks for; where it names none that there is, the nearest one that has texts, with the most methods. */
export function chooseGroup(
  groups: readonly Group[],
  view: Pick<AttributionView, "dataset" | "model" | "target" | "setting">,
): Group | undefined {
  const names = ["dataset", "model", "target", "setting"] as const;
  const left = names.reduce((before, name) => {
    const fitting = before.filter((group) => group[name] === view[name]);
    return fitting.length > 0 ? fitting : before;
  }, groups);
  return left.toSorted(
    (a, b) => Number(b.begun) - Number(a.begun) || b.methods.length - a.methods.length,
  )[0];
}

/** The methods a view shows: those it names, or all; random, which only others are compared with, last. */
export function shownMethods(
  group: Group,
  view: Pick<AttributionView, "methods">,
): readonly MethodTrial[] {
  const asked = group.methods.filter(({ label }) => view.methods.includes(label));
  const shown = asked.length > 0 ? asked : group.methods;
  return [...shown.filter((one) => !isRandom(one)), ...shown.filter(isRandom)];
}

/** Whether a method is the baseline of random numbers. */
export const isRandom = ({ label }: Pick<MethodTrial, "label">): boolean =>
  label === "random" || label.startsWith("random ");
