/** @file Makes the heat map answer: reads a cell aloud on hover, selects it everywhere on click or Enter. */

"use client";

import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { axisLabels } from "@/lib/axes";
import { counted, formatInterval, formatScore } from "@/lib/format";
import type { Grid } from "@/lib/queries/compare";
import { isEmptySelection, isSelected, type View } from "@/lib/view";
import { toggled, useSelection } from "../view-context";
import { HeatMap } from "./heat-map";

type Props = {
  readonly grid: Grid;
  readonly axes: Pick<View, "x" | "y">;
  readonly metric: string;
};

const steps: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The scrolling frame around a heat map. Arrow keys move over its cells. */
export function HeatFrame({ grid, axes, metric }: Props) {
  const { selection, select } = useSelection();
  const frame = useRef<HTMLDivElement>(null);
  const dimmed = useRef(false);
  const [at, setAt] = useState<readonly [number, number] | null>(null);
  const [x, y] = at === null ? [] : [grid.xs[at[0]], grid.ys[at[1]]];
  const cell = grid.cells.find((one) => one.x === x && one.y === y);

  useEffect(() => {
    const none = isEmptySelection(selection);
    if (none && !dimmed.current) return; // a thousand attributes stay as they are
    dimmed.current = !none;
    for (const [i, group] of (frame.current?.querySelectorAll("[data-cell]") ?? []).entries()) {
      const own = grid.cells[i];
      if (own === undefined) continue;
      const values = { [axes.x]: own.x, [axes.y]: own.y };
      const marked = none || isSelected(selection, values, own.mean);
      group.setAttribute("opacity", marked ? "1" : "0.28");
    }
  }, [selection, grid, axes]);

  const cellAt = (target: EventTarget) => {
    const found = (target as Element).closest("[data-cell]")?.getAttribute("data-cell")?.split(" ");
    return found === undefined ? null : ([Number(found[0]), Number(found[1])] as const);
  };
  const choose = (place: readonly [number, number] | null) => {
    const [column, row] = place === null ? [] : [grid.xs[place[0]], grid.ys[place[1]]];
    if (column === undefined || row === undefined) return;
    select(toggled(selection, { [axes.x]: column, [axes.y]: row }));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const [i, j] = at ?? [0, 0];
      setAt([
        Math.min(grid.xs.length - 1, Math.max(0, i + step[0])),
        Math.min(grid.ys.length - 1, Math.max(0, j + step[1])),
      ]);
    }
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(at);
    }
  };
  return (
    <>
      <div
        ref={frame}
        role="group"
        tabIndex={0}
        aria-label="Heat map; arrow keys move over its cells, Enter selects one"
        className="cursor-pointer overflow-x-auto"
        onPointerOver={(event) => setAt(cellAt(event.target))}
        onClick={(event) => choose(cellAt(event.target))}
        onKeyDown={onKeyDown}
      >
        <HeatMap grid={grid} metric={metric} view={axes} />
      </div>
      <p aria-live="polite" className="numbers mt-1 min-h-5 text-[12.5px] text-soft">
        {at === null
          ? "Point at a cell to read it; click to mark it in every chart."
          : `${axisLabels[axes.x]} ${x}, ${axisLabels[axes.y].toLowerCase()} ${y}: ${
              cell === undefined
                ? "no finished trial"
                : `${formatScore(cell.mean)}${cell.low === null ? "" : `, interval ${formatInterval(cell)}`}, ${counted(cell.trials, "trial")}`
            }`}
      </p>
    </>
  );
}
