/** @file Rows of means with intervals on one scale: words by score, methods by measure. */

import { formatScore } from "@/lib/format";
import { rangeOf, ticks } from "../charts/ticks";

/** A row: its name, mean, and 95 % interval. */
export type DotRow = {
  readonly name: string;
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly colour: string;
  /** Drawn faint: a baseline. */
  readonly faint?: boolean;
};

type Props = {
  readonly rows: readonly DotRow[];
  readonly title?: string;
  /** Below the axis: what the number is. */
  readonly axis: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** Room for the names. */
  readonly left: number;
  /** Widest range the axis may show; intervals beyond it are cut. */
  readonly limits?: readonly [number, number] | undefined;
  /** Whether 0 is on the axis in any case. */
  readonly zero?: boolean;
};

export const rowHeight = 21;
const [top, bottom] = [24, 38];

/** Height of a panel of so many rows. */
export const panelHeight = (rows: number): number => top + rows * rowHeight + bottom;

/** A panel of dots, as part of a drawing. */
export function DotRows({ rows, title, axis, x, y, width, left, limits, zero }: Props) {
  const range = rangeOf([
    ...rows.flatMap(({ mean, low, high }) => [
      mean,
      within(low ?? mean, limits),
      within(high ?? mean, limits),
    ]),
    ...(zero ? [0] : []),
  ]);
  const across = (value: number) =>
    left + ((within(value, range) - range[0]) / (range[1] - range[0])) * (width - left - 14);
  const end = top + rows.length * rowHeight;
  const marks = ticks(range);
  const digits = Math.max(0, -Math.floor(Math.log10((range[1] - range[0]) / 5)));
  return (
    <g transform={`translate(${x} ${y})`} fontSize="11.5" fill="var(--soft)">
      {title !== undefined && (
        <text
          x={Math.max(0, Math.min(left, width - 6.2 * title.length))}
          y="13"
          fontWeight="600"
          fill="var(--ink)"
          fontSize="12"
        >
          {title}
        </text>
      )}
      {marks.map((value) => (
        <g key={value}>
          <line
            x1={across(value)}
            x2={across(value)}
            y1={top - 4}
            y2={end}
            stroke="var(--edge)"
            strokeDasharray={value === 0 ? "none" : "2 4"}
          />
          <text x={across(value)} y={end + 14} textAnchor="middle" fontSize="11">
            {formatScore(value, Math.min(4, digits))}
          </text>
        </g>
      ))}
      <text x={(left + width - 14) / 2} y={end + 30} textAnchor="middle" fontSize="11">
        {axis}
      </text>
      {rows.map(({ name, mean, low, high, colour, faint }, i) => {
        const middle = top + (i + 0.5) * rowHeight;
        return (
          <g key={i} opacity={faint ? 0.7 : 1}>
            <text
              x={left - 8}
              y={middle}
              textAnchor="end"
              dominantBaseline="central"
              fill="var(--ink)"
            >
              {name}
            </text>
            {low !== null && high !== null && (
              <line
                x1={across(low)}
                x2={across(high)}
                y1={middle}
                y2={middle}
                stroke={colour}
                strokeWidth="2"
                strokeOpacity="0.5"
              />
            )}
            <circle cx={across(mean)} cy={middle} r="4" fill={colour} />
          </g>
        );
      })}
    </g>
  );
}

function within(value: number, limits: readonly [number, number] | undefined): number {
  return limits === undefined ? value : Math.min(limits[1], Math.max(limits[0], value));
}
