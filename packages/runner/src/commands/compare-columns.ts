/** @file The columns of `probegrid compare`. */

import { type Compared, type ComparedGroup, notDistinguishable } from "../store/index.ts";
import type { Column } from "../table.ts";

type Over = ComparedGroup["over"];

/** What all groups share is said once above the tables. */
export type CommonWords = Readonly<Partial<Record<keyof typeof pointCells, string>>>;

const pointCells = {
  dataset: ({ dataset }: Compared) => dataset,
  model: ({ model }: Compared) => model,
  classifier: ({ classifier }: Compared) => classifier,
  seed: ({ seed }: Compared) => (seed === null ? "" : String(seed)),
  metric: ({ metric }: Compared) => metric,
} as const;

export function commonWords(groups: readonly ComparedGroup[]): CommonWords {
  return Object.fromEntries(
    Object.entries(pointCells).flatMap(([name, cell]) => {
      const values = new Set(groups.map(({ best }) => cell(best)));
      return values.size === 1 ? [[name, [...values][0] ?? ""]] : [];
    }),
  );
}

/** One row per group: its best, and what can not be told from it. */
export function bestColumns(
  over: Over,
  common: CommonWords,
  groups: readonly ComparedGroup[],
): readonly Column<ComparedGroup>[] {
  return [
    ...pointColumns(common, ({ best }: ComparedGroup) => best),
    { title: "pooling", cell: ({ best }) => poolingName(best) },
    { title: "best layer", right: true, cell: (group) => layerText(group) },
    { title: "mean", right: true, cell: ({ best }) => best.mean.toFixed(3) },
    ...gainColumn(
      groups.map(({ best }) => best),
      ({ best }: ComparedGroup) => best,
    ),
    { title: "95 % over folds", cell: ({ best }) => rangeText(best.low, best.high) },
    { title: "95 % over items", cell: ({ best }) => rangeText(best.itemLow, best.itemHigh) },
    {
      title: "not distinguishable from it",
      cell: (group) => (over === "layers" ? sameLayers(group) : sameMembers(group)),
    },
    { title: "nearest that differs", cell: nearestText },
    ...(groups.some(({ best }) => best.flags.length > 0)
      ? [{ title: "flags", cell: ({ best }: ComparedGroup) => best.flags.join("; ") }]
      : []),
  ];
}

type Tested = { readonly group: ComparedGroup; readonly one: Compared };

/** One row per trial: its distance from the best of its group. */
export function testColumns(over: Over, common: CommonWords): readonly Column<Tested>[] {
  const isBest = ({ group, one }: Tested) => group.best === one;
  return [
    ...pointColumns(common, ({ one }: Tested) => one),
    { title: "pooling", cell: ({ one }) => poolingName(one) },
    { title: "layer", right: true, cell: ({ one }) => String(one.layer ?? "") },
    { title: "mean", right: true, cell: ({ one }) => one.mean.toFixed(3) },
    { title: "gain over layer 0", right: true, cell: ({ one }) => signed(one.gainOverLayer0) },
    { title: "95 % over folds", cell: ({ one }) => rangeText(one.low, one.high) },
    { title: "95 % over items", cell: ({ one }) => rangeText(one.itemLow, one.itemHigh) },
    {
      title: "behind",
      right: true,
      cell: (row) => (isBest(row) ? "best" : row.one.difference.toFixed(3)),
    },
    { title: "p", right: true, cell: ({ one }) => pText(one.p) },
    { title: "p adjusted", right: true, cell: ({ one }) => pText(one.adjusted) },
    { title: "Cohen's d", right: true, cell: ({ one }) => one.cohensD?.toFixed(2) ?? null },
    { title: "odds ratio", right: true, cell: ({ one }) => one.oddsRatio?.toFixed(2) ?? null },
    {
      title: `${over.slice(0, -1)} differs`,
      cell: (row) => (isBest(row) ? "" : verdict(row.one)),
    },
  ];
}

/** Only where some line has a layer 0. */
function gainColumn<Row>(shown: readonly Compared[], pick: (row: Row) => Compared): Column<Row>[] {
  if (shown.every(({ gainOverLayer0 }) => gainOverLayer0 === null)) return [];
  const cell = (row: Row) => signed(pick(row).gainOverLayer0);
  return [{ title: "gain over layer 0", right: true, cell }];
}

/** What rounds to nothing has no sign. */
function signed(value: number | null): string | null {
  if (value === null) return null;
  const text = value.toFixed(3);
  return Number(text) === 0 ? text.replace("-", "") : `${value > 0 ? "+" : ""}${text}`;
}

const verdict = ({ p, distinguishable }: Compared) =>
  p === null ? null : distinguishable ? "yes" : "no";

function pointColumns<Row>(common: CommonWords, pick: (row: Row) => Compared): Column<Row>[] {
  return Object.entries(pointCells).flatMap(([name, cell]) =>
    name in common ? [] : [{ title: name, cell: (row: Row) => cell(pick(row)) }],
  );
}

function poolingName({ token, layerMethod }: Compared): string {
  return layerMethod === null ? (token ?? "") : `${token ?? ""}, ${layerMethod} of layers`;
}

function layerText({ best, others, over }: ComparedGroup): string {
  const layers = others.length + 1;
  return over === "layers" && layers > 1 ? `${best.layer} of ${layers}` : String(best.layer ?? "");
}

/** Layers in order, runs of neighbours as ranges: "0, 3-6 (5 of 13)"; the best one is among them. */
function sameLayers(group: ComparedGroup): string {
  if (group.others.length === 0) return "";
  const same = notDistinguishable(group).map(({ layer }) => layer);
  const count = `(${same.length} of ${group.others.length + 1})`;
  const numbers = same.filter((layer) => typeof layer === "number").sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const layer of numbers) {
    const last = ranges.at(-1);
    if (last?.[1] === layer - 1) last[1] = layer;
    else ranges.push([layer, layer]);
  }
  const text = ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  return `${text.join(", ")} ${count}`;
}

function sameMembers(group: ComparedGroup): string {
  const same = notDistinguishable(group).slice(1);
  return same.length === 0 ? "none" : same.map((one) => memberName(one, group.over)).join("; ");
}

function memberName(one: Compared, over: Over): string {
  const pooling = `${poolingName(one)} at ${one.layer}`;
  return over === "models" ? `${one.model}, ${pooling}, ${one.classifier}` : pooling;
}

/** The best of those that differ, with the evidence. */
function nearestText({ others, over }: ComparedGroup): string | null {
  const nearest = others.find(({ distinguishable }) => distinguishable);
  if (nearest === undefined) return null;
  const name = over === "layers" ? `${nearest.layer}` : memberName(nearest, over);
  return `${name}: ${(-nearest.difference).toFixed(3)}, p ${pText(nearest.adjusted)}`;
}

function rangeText(low: number | null, high: number | null): string | null {
  return low === null || high === null ? null : `${low.toFixed(3)} to ${high.toFixed(3)}`;
}

/** Three decimals, "< 0.001" below them. */
function pText(p: number | null): string | null {
  if (p === null) return null;
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}
