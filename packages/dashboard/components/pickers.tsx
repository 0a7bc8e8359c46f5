/** @file Small choices in the title rows of charts. */

"use client";

import { axes, axisLabels } from "@/lib/axes";
import { formatCount } from "@/lib/format";
import { Button } from "./ui/button";
import { useView } from "./view-context";

/** How many lines the curve draws. */
export function LinesPicker({ total }: { total: number }) {
  const { view, change } = useView();
  if (total <= 4) return null;
  return (
    <label className="flex items-center gap-1.5 text-[12.5px] text-soft">
      <span>best</span>
      <select
        className="field h-7"
        value={view.lines}
        onChange={(event) => change({ lines: Number(event.target.value) as typeof view.lines })}
      >
        {[4, 8, 12, 20].map((count) => (
          <option key={count}>{count}</option>
        ))}
      </select>
      <span>of {formatCount(total)} lines</span>
    </label>
  );
}

/** The two axes of the heat map. */
export function AxisPicker() {
  const { view, change } = useView();
  return (
    <div className="flex items-center gap-1.5 text-[12.5px] text-soft">
      {(["x", "y"] as const).map((side) => (
        <label key={side} className="flex items-center gap-1.5">
          {side === "y" && <span>by</span>}
          <span className="sr-only">{side === "x" ? "Columns" : "Rows"}</span>
          <select
            className="field h-7"
            value={view[side]}
            onChange={(event) => {
              const axis = event.target.value as typeof view.x;
              const other = side === "x" ? "y" : "x";
              change({ [side]: axis, ...(view[other] === axis ? { [other]: view[side] } : {}) });
            }}
          >
            {axes.map((axis) => (
              <option key={axis} value={axis}>
                {axisLabels[axis]}
              </option>
            ))}
          </select>
        </label>
      ))}
      <Button
        size="small"
        aria-label="Swap rows and columns"
        onClick={() => change({ x: view.y, y: view.x })}
      >
        ⇄
      </Button>
    </div>
  );
}

/** What the small multiples are split by. */
export function PanelPicker() {
  const { view, change } = useView();
  return (
    <label className="flex items-center gap-1.5 text-[12.5px] text-soft">
      <span>one panel per</span>
      <select
        className="field h-7"
        value={view.by}
        onChange={(event) => change({ by: event.target.value as typeof view.by })}
      >
        <option value="dataset">dataset</option>
        <option value="model">model</option>
      </select>
    </label>
  );
}
