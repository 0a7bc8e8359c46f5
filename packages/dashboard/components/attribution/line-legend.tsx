/** @file Names of the lines of a chart; a press brings one to the front. */

"use client";

import { cn } from "../ui/cn";
import { useAttributionView } from "./view";

/** A line: its name, look, and what is told beside it. */
export type LegendLine = {
  readonly name: string;
  readonly colour: string;
  readonly dash: string;
  readonly told: string;
};

/** One button per line. */
export function LineLegend({ lines }: { lines: readonly LegendLine[] }) {
  const { view, change } = useAttributionView();
  return (
    <ul className="mt-1 flex flex-wrap gap-x-1 gap-y-0.5" aria-label="Lines">
      {lines.map(({ name, colour, dash, told }) => (
        <li key={name}>
          <button
            type="button"
            aria-pressed={view.method === name}
            onClick={() => change({ method: view.method === name ? null : name })}
            className={cn(
              "flex items-center gap-1.5 rounded-md px-1.5 py-0.5 text-[12.5px] hover:bg-sunk",
              view.method === name && "font-medium",
            )}
          >
            <svg viewBox="0 0 18 8" className="w-[18px]" aria-hidden="true">
              <line
                x1="0"
                x2="18"
                y1="4"
                y2="4"
                stroke={colour}
                strokeWidth="2.4"
                strokeDasharray={dash}
              />
            </svg>
            {name}
            <span className="numbers text-soft">{told}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
