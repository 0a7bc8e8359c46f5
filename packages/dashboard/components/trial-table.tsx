/** @file The table of trials: any order, chosen columns, a filter; only what is in sight is fetched and drawn. */

"use client";

import { createColumnHelper, tableFeatures, useTable } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { type ColumnName, columns } from "@/lib/columns";
import { metricTitle } from "@/lib/format";
import type { TrialRow } from "@/lib/queries/table";
import { TableCell } from "./table-cell";
import { TableControls } from "./table-controls";
import { Card } from "./ui/card";
import { cn } from "./ui/cn";
import { useTrialWindow } from "./use-trial-window";
import { useView } from "./view-context";

const features = tableFeatures({});
const helper = createColumnHelper<typeof features, Partial<TrialRow>>();
const rowHeight = 33;

type Props = {
  readonly metric: string;
  readonly version: string;
  /** Columns shown until someone chooses others. */
  readonly usual: readonly ColumnName[];
  /** Columns that can be chosen. */
  readonly offered: readonly ColumnName[];
};

/** The table in its card. A click on a row opens the trial beside it. */
export function TrialTable({ metric, version, usual, offered }: Props) {
  const { view, arrange, open } = useView();
  const shown = view.columns ?? usual;
  const scroller = useRef<HTMLDivElement>(null);
  const { total, rowAt, want } = useTrialWindow(version);
  const rows = useVirtualizer({
    count: total ?? 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const across = useVirtualizer({
    horizontal: true,
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: (i) => columns[shown[i] ?? "trial"].width,
    initialRect: { width: 1000, height: 0 }, // until the page is measured: headings stand from the first paint
    overscan: 2,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: widths change with the columns
  useMemo(() => across.measure(), [shown]);
  const inSight = rows.getVirtualItems();
  want(inSight[0]?.index ?? 0, inSight.at(-1)?.index ?? 0);
  const definitions = useMemo(
    () =>
      helper.columns(
        shown.map((name) =>
          helper.accessor((row) => row[name] ?? null, {
            id: name,
            header: name === "score" ? metricTitle(metric) : columns[name].label,
          }),
        ),
      ),
    [shown, metric],
  );
  const data: Partial<TrialRow>[] = inSight.map(({ index }) => rowAt(index) ?? {});
  const table = useTable({ features, columns: definitions, data });
  const headers = table.getHeaderGroups()[0]?.headers ?? [];
  const body = table.getRowModel().rows;
  const acrossInSight = across.getVirtualItems();
  const sortBy = (name: ColumnName) =>
    arrange({ sort: name, order: view.sort === name && view.order === "desc" ? "asc" : "desc" });
  return (
    <Card aria-label="Trials" className="min-w-0" data-chart-card="trials">
      <TableControls shown={shown} offered={offered} total={total} />
      <div
        ref={scroller}
        role="grid"
        aria-label="Trials"
        aria-rowcount={(total ?? 0) + 1}
        aria-colcount={shown.length}
        tabIndex={0}
        className="relative max-h-[30rem] overflow-auto border-t text-[13px]"
      >
        <div
          style={{ width: across.getTotalSize(), height: rows.getTotalSize() + rowHeight }}
          className="relative min-w-full"
        >
          <div role="row" aria-rowindex={1} className="sticky top-0 z-10 h-[33px] border-b bg-sunk">
            {acrossInSight.map(({ index, start, size }) => {
              const name = shown[index];
              const header = headers[index];
              if (name === undefined || header === undefined) return null;
              const sorted = view.sort === name;
              return (
                <div
                  key={name}
                  role="columnheader"
                  aria-colindex={index + 1}
                  aria-sort={sorted ? (view.order === "asc" ? "ascending" : "descending") : "none"}
                  className="absolute top-0 h-full"
                  style={{ left: start, width: size }}
                >
                  <button
                    type="button"
                    onClick={() => sortBy(name)}
                    className={cn(
                      "flex h-full w-full items-center gap-1 truncate px-3 text-left text-[12.5px] font-medium text-soft hover:text-ink",
                      isNumeric(name) && "justify-end",
                      sorted && "text-ink",
                    )}
                  >
                    <table.FlexRender header={header} />
                    <span aria-hidden className="w-2 text-[10px]">
                      {sorted ? (view.order === "asc" ? "▲" : "▼") : ""}
                    </span>
                  </button>
                </div>
              );
            })}
          </div>
          {body.map((row, i) => {
            const place = inSight[i];
            if (place === undefined) return null;
            const id = row.original.trial;
            return (
              <div
                key={place.key}
                role="row"
                aria-rowindex={place.index + 2}
                aria-selected={id !== undefined && view.trial === id}
                tabIndex={0}
                onClick={() => id && open(String(id))}
                onKeyDown={(event) => {
                  if (event.key === "Enter" && id) open(String(id));
                }}
                className={cn(
                  "absolute left-0 w-full cursor-pointer border-b border-edge/60 hover:bg-sunk",
                  id !== undefined && view.trial === id && "bg-tint",
                )}
                style={{ top: place.start + rowHeight, height: rowHeight }}
              >
                {row.getAllCells().map((cell, column) => {
                  const spot = acrossInSight.find((one) => one.index === column);
                  const name = shown[column];
                  if (spot === undefined || name === undefined) return null;
                  return (
                    <div
                      key={cell.id}
                      role="gridcell"
                      aria-colindex={column + 1}
                      className={cn(
                        "numbers absolute top-0 h-full truncate px-3 leading-[33px]",
                        isNumeric(name) && "text-right",
                      )}
                      style={{ left: spot.start, width: spot.size }}
                    >
                      <TableCell name={name} value={cell.getValue() as string | number | null} />
                    </div>
                  );
                })}
              </div>
            );
          })}
        </div>
      </div>
      {total === 0 && (
        <p className="px-4 py-6 text-center text-soft">
          No trial fits. Clear the filter or the selection to see them all.
        </p>
      )}
    </Card>
  );
}

function isNumeric(name: ColumnName): boolean {
  return ["score", "gain", "count", "seconds"].includes(columns[name].kind);
}
