/** @file Which class was taken for which: counts, and colours by the share of the true class. */

import { formatCount } from "@/lib/format";
import type { Confusion } from "@/lib/trial-report";
import { Scroll } from "../ui/scroll";
import { CellGrid, layOut } from "./cell-grid";

/** True classes down, predicted classes across. */
export function ConfusionMatrix({ confusion: { labels, counts } }: { confusion: Confusion }) {
  const side = labels.length > 12 ? 34 : labels.length > 5 ? 46 : 72;
  const cell = [side, Math.min(side, 46)] as const;
  const shape = { xs: labels, ys: labels, cell, longest: 18, title: [18, 28] } as const;
  const { left, top, width, height } = layOut(shape);
  const name = `Confusion matrix of ${labels.length} classes; the diagonal is right`;
  return (
    <Scroll label="Confusion matrix, scrolling">
      <svg
        data-chart
        role="img"
        aria-label={name}
        width={width}
        height={height + 6}
        viewBox={`0 0 ${width} ${height + 6}`}
        fontSize="11.5"
        fill="var(--soft)"
        className="block"
      >
        <text x={left + (labels.length * cell[0]) / 2} y="12" textAnchor="middle">
          predicted
        </text>
        <text
          transform={`translate(11 ${top + (labels.length * cell[1]) / 2}) rotate(-90)`}
          textAnchor="middle"
        >
          true
        </text>
        <CellGrid
          shape={shape}
          fontSize={11.5}
          cells={counts.flatMap((row, j) => {
            const total = row.reduce((sum, count) => sum + count, 0);
            return row.map((count, i) => ({
              at: [i, j] as const,
              share: total === 0 ? 0 : count / total,
              text: formatCount(count),
            }));
          })}
        />
      </svg>
    </Scroll>
  );
}
