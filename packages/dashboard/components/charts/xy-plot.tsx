/** @file A plain plot of lines and dots over two numeric axes: ROC curves, losses, small multiples. */

import { formatScore } from "@/lib/format";
import { digitsOf, ticks } from "./ticks";

export type XySeries = {
  readonly points: readonly (readonly [number, number])[];
  readonly colour: string;
  readonly width?: number;
  readonly opacity?: number;
  readonly dash?: string;
  /** Dots instead of a line. */
  readonly dots?: boolean;
  /** An interval around the line: x, low, high. */
  readonly band?: readonly (readonly [number, number, number])[];
  readonly bandOpacity?: number;
};

type Props = {
  readonly name: string;
  readonly series: readonly XySeries[];
  readonly x: {
    readonly label: string;
    readonly range: readonly [number, number];
    readonly whole?: boolean;
  };
  readonly y: { readonly label: string; readonly range: readonly [number, number] };
  readonly width?: number;
  readonly height?: number;
};

/** Draws the series in their order. The drawing scales with its place. */
export function XyPlot({ name, series, x, y, width = 440, height = 280 }: Props) {
  const [left, right, top, bottom] = [48, 12, 10, 38];
  const across = (value: number) => left + share(value, x.range) * (width - left - right);
  const up = (value: number) => height - bottom - share(value, y.range) * (height - top - bottom);
  return (
    <svg
      data-chart
      role="img"
      aria-label={name}
      viewBox={`0 0 ${width} ${height}`}
      className="block h-auto w-full"
      style={{ maxWidth: width * 1.4 }}
      fontSize="11.5"
      fill="var(--soft)"
    >
      {ticks(y.range).map((value) => (
        <g key={value}>
          <line
            x1={left}
            x2={width - right}
            y1={up(value)}
            y2={up(value)}
            stroke="var(--edge)"
            strokeDasharray="2 4"
          />
          <text x={left - 7} y={up(value)} textAnchor="end" dominantBaseline="central">
            {formatScore(value, digitsOf(y.range))}
          </text>
        </g>
      ))}
      {ticks(x.range, x.whole).map((value) => (
        <text key={value} x={across(value)} y={height - bottom + 16} textAnchor="middle">
          {x.whole ? value : formatScore(value, digitsOf(x.range))}
        </text>
      ))}
      <text x={(left + width - right) / 2} y={height - 4} textAnchor="middle">
        {x.label}
      </text>
      <text
        transform={`translate(11 ${(top + height - bottom) / 2}) rotate(-90)`}
        textAnchor="middle"
      >
        {y.label}
      </text>
      <line
        x1={left}
        x2={width - right}
        y1={height - bottom}
        y2={height - bottom}
        stroke="var(--edge)"
      />
      {series.map(({ band = [], colour, bandOpacity = 0.13 }, place) => (
        <polygon
          key={`band ${place}`}
          fill={colour}
          fillOpacity={bandOpacity}
          points={[
            ...band.map(([a, , high]) => `${round(across(a))},${round(up(high))}`),
            ...band.map(([a, low]) => `${round(across(a))},${round(up(low))}`).reverse(),
          ].join(" ")}
        />
      ))}
      {series.map(
        ({ points, colour, width: stroke = 1.75, opacity = 1, dash = "none", dots }, place) =>
          dots ? (
            <g key={place} fill={colour} fillOpacity={opacity}>
              {points.map(([a, b], i) => (
                <circle key={i} cx={round(across(a))} cy={round(up(b))} r={stroke} />
              ))}
            </g>
          ) : (
            <polyline
              key={place}
              fill="none"
              stroke={colour}
              strokeWidth={stroke}
              strokeOpacity={opacity}
              strokeDasharray={dash}
              strokeLinejoin="round"
              points={points.map(([a, b]) => `${round(across(a))},${round(up(b))}`).join(" ")}
            />
          ),
      )}
    </svg>
  );
}

function share(value: number, [low, high]: readonly [number, number]): number {
  return (value - low) / (high - low || 1);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
