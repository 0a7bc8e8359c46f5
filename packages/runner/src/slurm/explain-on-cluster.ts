/** @file Attributions on a cluster: the rows of a dataset and model in pieces, each explained by every method. */

import { resolve } from "node:path";
import type { AttributeExperiment } from "../attribute/experiment.ts";
import { finishGroup, type GroupContext, togetherOf } from "../attribute/explain-group.ts";
import { type AttributionGroup, secondsOf } from "../attribute/plan-attributions.ts";
import { recordRows } from "../attribute/record-rows.ts";
import type { ComputeGroups } from "../attribute/run-attributions.ts";
import { idOf } from "../canonical.ts";
import { ExperimentError } from "../errors.ts";
import { formatDuration, plural } from "../format.ts";
import { createStage } from "../run/stage.ts";
import {
  attributedRows,
  claimTrials,
  failTrial,
  recordEnvironment,
  type Store,
} from "../store/index.ts";
import type { ClusterOptions } from "./compute-on-cluster.ts";
import { followSweep, type Open } from "./follow-sweep.ts";
import type { ShardResult } from "./result-files.ts";
import type { ShardOf } from "./shard.ts";
import { openSweep } from "./sweep.ts";
import { failureOf } from "./task-log.ts";

/** Some rows of a group, from one to before another; the id is the same whenever the same trials are open. */
export type Piece = {
  readonly id: string;
  readonly group: AttributionGroup;
  readonly rows: readonly [number, number];
  readonly seconds: number;
};

/** Explains in tasks what the store lacks. */
export function explainOnCluster({
  settings,
  device,
  cache,
}: ClusterOptions & { readonly cache: string }): ComputeGroups {
  return async (context, groups) => {
    const { experiment, store, log } = context;
    if (groups.length === 0) return 0;
    const begun = performance.now();
    const sweep = openSweep({
      ...{ folder: settings.folder, store: store.file, experiment: experiment.name },
    });
    claimTrials(
      store,
      groups.flatMap(({ trials }) => trials.map(({ id }) => id)),
    );
    const pieces = new Map(openPieces(store, groups).map((piece) => [piece.id, piece]));
    const open = new Map(
      [...pieces].map(
        ([
          id,
          {
            rows: [from, to],
            seconds,
          },
        ]): [string, Open] => {
          return [id, { seconds, units: to - from }];
        },
      ),
    );
    const all = [...open.values()];
    const [work, total] = [sum(all, ({ seconds }) => seconds), sum(all, (one) => one.units ?? 1)];
    const stage = createStage({ name: "attribute", unit: "texts", total, work }, context);
    let failed = 0;
    const drop = (group: AttributionGroup, error: unknown): number => {
      const rest = [...pieces.values()].filter((piece) => piece.group === group);
      const waiting = rest.filter(({ id }) => open.delete(id));
      for (const { id } of rest) pieces.delete(id);
      for (const { id } of group.trials) failTrial(store, id, error);
      failed += group.trials.length;
      context.onFailure(error);
      return sum(waiting, ({ rows: [from, to] }) => to - from);
    };
    const finishIfWhole = (group: AttributionGroup, environment: string): void => {
      if ([...pieces.values()].some((piece) => piece.group === group)) return;
      finishGroup({ store, environment }, group, (performance.now() - begun) / 1000);
    };
    for (const group of groups) finishIfWhole(group, context.environment);
    await followSweep({
      ...context,
      ...{ sweep, settings, open, stage },
      shards: (taken) => {
        const wanted = [...pieces.values()].filter(({ id }) => open.has(id) && !taken.has(id));
        return pieceShards({ experiment, cache }, wanted, { device, bundle: settings.bundle });
      },
      record: (id, found) => {
        const piece = pieces.get(id);
        if (!piece) return 0; // its group was given up
        if (!("records" in found)) {
          return drop(piece.group, failureOf(sweep.folder, found, "no rows came back"));
        }
        pieces.delete(id);
        recordPiece({ experiment, store }, piece, found);
        finishIfWhole(piece.group, recordEnvironment(store, found.environment));
        return 0;
      },
      fail: (ids, error) => {
        const group = pieces.get(ids[0] ?? "")?.group;
        return group ? drop(group, error) : 0;
      },
    });
    const took = formatDuration((performance.now() - begun) / 1000);
    log.finish("attribute", `${plural(stage.done, "text")} in ${took}`);
    return failed;
  };
}

const longestPiece = 60; // expected seconds: what a kill can lose
const mostRows = 256;

/** Pieces with a row that some trial lacks, in the order of groups and rows. */
export function openPieces(store: Store, groups: readonly AttributionGroup[]): readonly Piece[] {
  return groups.flatMap((group) => {
    const { dataset, trials } = group;
    const known = trials.map(({ id }) => attributedRows(store, id));
    const perRow = secondsOf(group, () => false) / dataset.texts.length;
    const together = togetherOf(group); // pieces end where jobs end
    const most = Math.min(mostRows, Math.floor(longestPiece / Math.max(perRow, 1e-3)));
    const size = together * Math.max(1, Math.floor(most / together));
    const ids = trials.map(({ id }) => id);
    const pieces: Piece[] = [];
    for (let from = 0; from < dataset.texts.length; from += size) {
      const to = Math.min(from + size, dataset.texts.length);
      const rows = Array.from({ length: to - from }, (_, i) => from + i);
      if (rows.every((row) => known.every((own) => own.has(row)))) continue;
      const seconds = perRow * (to - from);
      pieces.push({
        id: idOf({ trials: ids, rows: [from, to] }),
        group,
        rows: [from, to],
        seconds,
      });
    }
    return pieces;
  });
}

type Making = Pick<GroupContext, "experiment"> & { readonly cache: string };
type Limits = Pick<ClusterOptions, "device"> & { readonly bundle: number };

/** Pieces of a group together, until they are estimated to fill a task. */
export function pieceShards(
  { experiment, cache }: Making,
  pieces: readonly Piece[],
  { device, bundle }: Limits,
): readonly ShardOf<"attribute">[] {
  const bundles: Piece[][] = [];
  for (const piece of pieces) {
    const last = bundles.at(-1);
    const full = !last || sum([...last, piece], ({ seconds }) => seconds) > bundle * 60;
    if (full || last[0]?.group !== piece.group) bundles.push([piece]);
    else last.push(piece);
  }
  return bundles.flatMap((some) => {
    const group = some[0]?.group;
    if (!group?.entry) return [];
    const { dataset, checkpoint, trials, entry } = group;
    return [
      {
        kind: "attribute",
        experiment: { ...experiment, ...entry },
        ...{ from: process.cwd(), cache: resolve(cache), device },
        name: `${dataset.name} x ${checkpoint.name}`,
        trials: some.map(({ id }) => id),
        pieces: Object.fromEntries(some.map(({ id, rows }) => [id, [...rows] as [number, number]])),
        methods: trials.map(({ id }) => id),
        seconds: sum(some, (piece) => piece.seconds),
        batchTokens: null,
        attempts: 0,
      },
    ];
  });
}

function recordPiece(
  place: { readonly experiment: AttributeExperiment; readonly store: Store },
  { group, rows: [from, to] }: Piece,
  { records }: Extract<ShardResult, { readonly records: unknown }>,
): void {
  for (const [i, { id }] of group.trials.entries()) {
    const own = records[i] ?? [];
    if (own.length !== to - from) {
      throw new ExperimentError(
        `slurm: a task left ${own.length} rows of trial ${id}, expected ${to - from}`,
      );
    }
  }
  recordRows(place, group, records);
}

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((total, item) => total + of(item), 0);
