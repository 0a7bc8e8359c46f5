/** @file The legend of lines: names, best scores; each entry selects its line everywhere. */

"use client";

import type { CurveLine } from "@/lib/curve";
import { formatP, formatScore } from "@/lib/format";
import { shortLabels } from "@/lib/labels";
import { starsOf, type Verdict } from "@/lib/verdict";
import { cn } from "../ui/cn";
import { toggled, useSelection } from "../view-context";
import { lineColour, lineDash } from "./line-look";

/** Letters of a dataset or a model in the legend, at most. */
const longestName = 40;

/** Entries in the order of their best score. */
export function CurveLegend({ lines, focus }: { lines: readonly CurveLine[]; focus: number }) {
  const { selection, select } = useSelection();
  // A name as long as a paragraph must not hide what comes after it.
  const labels = shortLabels(
    lines.map(({ values }) => values),
    longestName,
  );
  return (
    <ul className="mt-2 flex flex-wrap gap-x-1 gap-y-0.5" aria-label="Lines">
      {lines.map((line, i) => (
        <li key={line.label}>
          <button
            type="button"
            aria-pressed={i === focus}
            onClick={() => select(toggled(selection, line.values))}
            className={cn(
              "flex items-center gap-1.5 rounded-md px-1.5 py-0.5 text-left text-[12.5px] hover:bg-sunk",
              i === focus && "font-medium",
            )}
          >
            <svg viewBox="0 0 18 8" className="w-[18px] shrink-0" aria-hidden="true">
              <line
                x1="0"
                x2="18"
                y1="4"
                y2="4"
                stroke={lineColour(i)}
                strokeWidth="2.4"
                strokeDasharray={lineDash(i)}
              />
            </svg>
            <span className="min-w-0 [overflow-wrap:anywhere]" title={line.label}>
              {labels[i]}
            </span>
            <span className="numbers shrink-0 text-soft">
              {formatScore(line.best.mean)}
              {line.behind !== null && (
                <span title={behindText(line.behind)}>{starsOf(line.behind.p)}</span>
              )}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function behindText({ difference, p }: Verdict): string {
  return `${formatScore(difference)} behind the best line of its dataset, p ${formatP(p)} after Holm`;
}
