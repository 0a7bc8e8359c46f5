/** @file The drawing of a layer curve: a few paths per line, however many layers there are. */

import { memo } from "react";
import type { Curve, CurveLine } from "@/lib/curve";
import { formatScore, metricLabel } from "@/lib/format";
import type { Point } from "@/lib/queries/lines";
import { baselineMarks, namedLayers, type Plot, shownLayer, tieAreas } from "./curve-data";
import { lineColour, lineDash } from "./line-look";
import { digitsOf, ticks } from "./ticks";

type Props = {
  readonly curve: Curve;
  readonly plot: Plot;
  /** Place of the line that is marked: it bears the best score, the shading and the baselines. */
  readonly place: number;
  /** Places of the lines that are drawn in full strength. */
  readonly strong: readonly boolean[];
  /** Layers that are selected. */
  readonly chosen: readonly string[];
};

/** The whole drawing; not made again while only the pointer moves. */
export const CurveDrawing = memo(function CurveDrawing(props: Props) {
  const { curve, plot, place, strong, chosen } = props;
  const { left, right, top, bottom, across, up } = plot;
  const focused = curve.lines[place];
  const inside = { fill: "none", strokeLinejoin: "round" } as const;
  return (
    <svg
      data-chart
      role="img"
      aria-label={`${metricLabel(curve.metric)} by layer, ${curve.lines.length} lines`}
      viewBox={`0 0 ${plot.width} ${plot.height}`}
      className="block h-full w-full"
      fontSize="12"
      fill="var(--soft)"
    >
      <Axes curve={curve} plot={plot} />
      {tieAreas(focused, curve.layers).map(([from, to]) => {
        const [start, end] = [across(from) - plot.half, across(to) + plot.half];
        const x = Math.max(left, start);
        return (
          <rect
            key={from}
            data-tie
            {...{ x, y: top, width: Math.min(right, end) - x, height: bottom - top }}
            fill={lineColour(place)}
            fillOpacity="0.09"
          />
        );
      })}
      {curve.lines.map(({ points }, i) => (
        <path
          key={i}
          d={segments(points, curve.layers).map(bandPath(plot)).join("")}
          fill={lineColour(i)}
          fillOpacity={i === place ? 0.2 : 0.05}
        />
      ))}
      {baselineMarks(curve, focused?.values.dataset).map(({ value, label }, i) => (
        <g key={i} fill="var(--faint)" fontSize="11">
          <path d={`M${left},${up(value)}H${right}`} stroke="var(--faint)" strokeDasharray="5 4" />
          <text x={right} y={up(value) - 5} textAnchor="end" {...halo}>
            {label}
          </text>
        </g>
      ))}
      {curve.lines.map(({ points }, i) => (
        <g
          key={i}
          data-line={i}
          stroke={lineColour(i)}
          strokeOpacity={strong[i] ? 1 : 0.25}
          {...inside}
        >
          <path
            d={segments(points, curve.layers).map(linePath(plot)).join("")}
            strokeWidth={i === place ? 2.4 : 1.5}
            strokeDasharray={lineDash(i)}
          />
          <path d={points.map(dotAt(plot)).join("")} strokeWidth="4" strokeLinecap="round" />
        </g>
      ))}
      {curve.folds.length > 0 && <Folds curve={curve} plot={plot} />}
      {chosen.map((layer) => (
        <path
          key={layer}
          d={`M${across(layer)},${top}V${bottom}`}
          stroke="var(--accent)"
          strokeWidth="1.5"
        />
      ))}
      {focused && <Best line={focused} place={place} plot={plot} under={curve.lowerIsBetter} />}
    </svg>
  );
});

/** Letters that stay readable above lines. */
const halo = { stroke: "var(--card)", strokeWidth: 4, paintOrder: "stroke" } as const;

function Axes({ curve, plot }: Pick<Props, "curve" | "plot">) {
  const { left, right, bottom, range, across, up } = plot;
  const scores = ticks(range);
  return (
    <>
      <path
        d={scores.map((value) => `M${left},${up(value)}H${right}`).join("")}
        stroke="var(--edge)"
        strokeDasharray="2 4"
      />
      {scores.map((value) => (
        <text key={value} x={left - 7} y={up(value)} textAnchor="end" dominantBaseline="central">
          {formatScore(value, digitsOf(range))}
        </text>
      ))}
      <path d={`M${left},${bottom}H${right}`} stroke="var(--edge)" />
      {namedLayers(curve.layers, plot).map((layer) => (
        <text key={layer} x={across(layer)} y={bottom + 17} textAnchor="middle">
          {shownLayer(layer)}
        </text>
      ))}
      <text x={(left + right) / 2} y={plot.height - 4} textAnchor="middle">
        layer
      </text>
    </>
  );
}

function Folds({ curve, plot }: Pick<Props, "curve" | "plot">) {
  const { across, up } = plot;
  return curve.lines.map((_, i) => (
    <path
      key={i}
      data-folds={i}
      d={curve.folds
        .filter(({ line }) => line === i)
        .map(({ layer, value }) => `M${fixed(across(layer))},${fixed(up(value))}h0`)
        .join("")}
      stroke={lineColour(i)}
      strokeWidth="3.4"
      strokeLinecap="round"
      strokeOpacity="0.45"
    />
  ));
}

type BestProps = {
  readonly line: CurveLine;
  readonly place: number;
  readonly plot: Plot;
  /** Below its dot, where lower is better. */
  readonly under: boolean;
};

/** A ring at the best score, which is written on the side where no score of the line can be. */
function Best({ line: { best }, place, plot, under }: BestProps) {
  const { left, right, across, up } = plot;
  const [x, y] = [across(best.layer), up(best.mean)];
  const [near, far] = [x - left < 40, right - x < 40];
  return (
    <>
      <circle
        {...{ cx: x, cy: y, r: 6, strokeWidth: 2.5 }}
        fill="var(--card)"
        stroke={lineColour(place)}
      />
      <text
        data-best
        x={near ? Math.max(left, x - 6) : far ? Math.min(right, x + 6) : x}
        y={under ? y + 22 : y - 13}
        textAnchor={near ? "start" : far ? "end" : "middle"}
        fill="var(--ink)"
        fontWeight="600"
        {...halo}
      >
        best {formatScore(best.mean)}
      </text>
    </>
  );
}

/** Runs of points at neighbouring layers; what pools several layers stands alone. */
function segments(points: readonly Point[], layers: readonly string[]): readonly Point[][] {
  const places = new Map(layers.map((layer, i) => [layer, i]));
  const runs: Point[][] = [];
  let last = Number.NaN;
  for (const point of points) {
    const place = places.get(point.layer) ?? Number.NaN;
    if (place === last + 1 && point.layerIndex !== null) runs.at(-1)?.push(point);
    else runs.push([point]);
    last = point.layerIndex === null ? Number.NaN : place;
  }
  return runs;
}

const linePath =
  ({ across, up }: Plot) =>
  (run: readonly Point[]): string =>
    `M${run.map(({ layer, mean }) => `${fixed(across(layer))},${fixed(up(mean))}`).join("L")}`;

const dotAt =
  ({ across, up }: Plot) =>
  ({ layer, mean }: Point): string =>
    `M${fixed(across(layer))},${fixed(up(mean))}h0`;

/** The interval of a run; of a point that stands alone, a bar as wide as its dot. */
const bandPath =
  ({ across, up }: Plot) =>
  (run: readonly Point[]): string => {
    const known = run.filter(({ low, high }) => low !== null && high !== null);
    const [only] = known;
    if (only === undefined) return "";
    const ends =
      known.length > 1
        ? known.map((point) => ({ ...point, x: across(point.layer) }))
        : [
            { ...only, x: across(only.layer) - 2 },
            { ...only, x: across(only.layer) + 2 },
          ];
    const side = (name: "low" | "high") =>
      ends.map((end) => `${fixed(end.x)},${fixed(up(end[name] ?? 0))}`);
    return `M${[...side("high"), ...side("low").toReversed()].join("L")}Z`;
  };

const fixed = (value: number): string => value.toFixed(1);
