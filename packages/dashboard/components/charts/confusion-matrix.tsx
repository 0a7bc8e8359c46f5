/** @file Which class was taken for which: counts, and colours by the share of the true class. */

import { inkOn, viridisAt } from "@/lib/colour-scale";
import { formatCount } from "@/lib/format";
import type { Confusion } from "@/lib/trial-report";
import { Scroll } from "../ui/scroll";

/** True classes down, predicted classes across. */
export function ConfusionMatrix({ confusion: { labels, counts } }: { confusion: Confusion }) {
  const cell = labels.length > 12 ? 34 : labels.length > 5 ? 46 : 72;
  const height = Math.min(cell, 46);
  const left = 26 + 6.4 * Math.min(18, Math.max(...labels.map((label) => label.length)));
  const tilted = Math.max(...labels.map((label) => label.length)) * 6.4 > cell;
  const top = tilted ? 92 : 42;
  const [width, full] = [
    left + labels.length * cell + (tilted ? 40 : 4),
    top + labels.length * height + 6,
  ];
  const name = `Confusion matrix of ${labels.length} classes; the diagonal is right`;
  return (
    <Scroll label="Confusion matrix, scrolling">
      <svg
        data-chart
        role="img"
        aria-label={name}
        width={width}
        height={full}
        viewBox={`0 0 ${width} ${full}`}
        fontSize="11.5"
        fill="var(--soft)"
        className="block"
      >
        <text x={left + (labels.length * cell) / 2} y="12" textAnchor="middle">
          predicted
        </text>
        <text
          transform={`translate(11 ${top + (labels.length * height) / 2}) rotate(-90)`}
          textAnchor="middle"
        >
          true
        </text>
        {labels.map((label, i) => {
          const middle = left + (i + 0.5) * cell;
          return (
            <g key={label}>
              <text
                x={middle}
                y={top - 8}
                textAnchor={tilted ? "start" : "middle"}
                transform={tilted ? `rotate(-40 ${middle} ${top - 8})` : undefined}
              >
                {cut(label)}
              </text>
              <text
                x={left - 8}
                y={top + (i + 0.5) * height}
                textAnchor="end"
                dominantBaseline="central"
              >
                {cut(label)}
              </text>
            </g>
          );
        })}
        {counts.map((row, i) => {
          const total = row.reduce((sum, count) => sum + count, 0);
          return row.map((count, j) => {
            const share = total === 0 ? 0 : count / total;
            return (
              <g key={`${labels[i]} ${labels[j]}`}>
                <rect
                  x={left + j * cell}
                  y={top + i * height}
                  width={cell - 1}
                  height={height - 1}
                  fill={viridisAt(share)}
                />
                <text
                  x={left + (j + 0.5) * cell}
                  y={top + (i + 0.5) * height + 0.5}
                  textAnchor="middle"
                  dominantBaseline="central"
                  fill={inkOn(share)}
                >
                  {formatCount(count)}
                </text>
              </g>
            );
          });
        })}
      </svg>
    </Scroll>
  );
}

function cut(label: string): string {
  return label.length > 18 ? `${label.slice(0, 17)}…` : label;
}
