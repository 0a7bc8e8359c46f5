/** @file A metric over epochs, one line per training: solid on the validation rows, dashed on the training rows. */

"use client";

import { type PointerEvent, useRef, useState } from "react";
import { formatCount, formatScore, metricLabel } from "@/lib/format";
import { isEmptySelection, isSelected } from "@/lib/view";
import { lineColour } from "../charts/line-look";
import { ticks } from "../charts/ticks";
import { useView } from "../view-context";
import { combinationOf, type DrawnTraining } from "./drawn-training";
import { scaleOf } from "./value-scale";

const [width, height, left, right, top, bottom] = [520, 300, 50, 14, 12, 40];

type Props = {
  readonly trainings: readonly DrawnTraining[];
  readonly metric: string;
  readonly chosen: string | null;
};

type Dot = {
  readonly x: number;
  readonly y: number;
  readonly said: string;
};

/** The drawing; the evaluation nearest to the pointer is read out below. */
export function LearningCurves({ trainings, metric, chosen }: Props) {
  const { view } = useView();
  const drawing = useRef<SVGSVGElement>(null);
  const [near, setNear] = useState<Dot | null>(null);
  const lines = trainings.flatMap((training) =>
    (["train", "validation"] as const).flatMap((part) => {
      const points = training.points.filter((one) => one.part === part && one.metric === metric);
      return points.length === 0 ? [] : [{ training, part, points }];
    }),
  );
  const values = lines.flatMap(({ points }) => points.map(({ value }) => value));
  const epochs = lines.flatMap(({ points }) => points.map(({ epoch }) => epoch));
  const scale = scaleOf(metric, values);
  const most = Math.max(1, ...epochs);
  const across = (epoch: number) => left + (epoch / most) * (width - left - right);
  const up = (value: number) => height - bottom - scale.share(value) * (height - top - bottom);
  const dots = lines.flatMap(({ training, part, points }) =>
    points.map(
      ({ epoch, step, value }): Dot => ({
        ...{ x: across(epoch), y: up(value) },
        said: `${training.label}: ${part} ${metricLabel(metric)} ${formatScore(value, 4)} after epoch ${formatScore(epoch, 2)}, update ${formatCount(step)}`,
      }),
    ),
  );
  const look = (event: PointerEvent) => {
    const box = drawing.current?.getBoundingClientRect();
    if (box === undefined) return;
    const factor = width / box.width;
    const [x, y] = [(event.clientX - box.left) * factor, (event.clientY - box.top) * factor];
    const distance = (dot: Dot) => (dot.x - x) ** 2 + (dot.y - y) ** 2;
    const nearest = dots.reduce<Dot | null>(
      (best, dot) => (best === null || distance(dot) < distance(best) ? dot : best),
      null,
    );
    setNear(nearest !== null && distance(nearest) < 40 ** 2 ? nearest : null);
  };
  const quiet = (training: DrawnTraining): boolean =>
    (chosen !== null && training.id !== chosen) ||
    (!isEmptySelection(view.select) &&
      !isSelected(view.select, combinationOf(training).values, training.best?.value));
  return (
    <>
      <svg
        ref={drawing}
        data-chart
        role="img"
        aria-label={`${metricLabel(metric)} by epoch of ${trainings.length} trainings`}
        viewBox={`0 0 ${width} ${height}`}
        className="block h-auto w-full"
        fontSize="11.5"
        fill="var(--soft)"
        onPointerMove={look}
        onPointerLeave={() => setNear(null)}
      >
        {scale.ticks.map((value) => (
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
              {tickLabel(value)}
            </text>
          </g>
        ))}
        {ticks([0, most], true).map((value) => (
          <text key={value} x={across(value)} y={height - bottom + 16} textAnchor="middle">
            {value}
          </text>
        ))}
        <text x={(left + width - right) / 2} y={height - 5} textAnchor="middle">
          epoch
        </text>
        <line
          x1={left}
          x2={width - right}
          y1={height - bottom}
          y2={height - bottom}
          stroke="var(--edge)"
        />
        {lines.map(({ training, part, points }) => (
          <g
            key={`${training.id} ${part}`}
            data-line={`${training.id} ${part}`}
            stroke={lineColour(training.place)}
            fill={lineColour(training.place)}
            opacity={quiet(training) ? 0.15 : part === "train" ? 0.7 : 1}
          >
            <polyline
              fill="none"
              strokeWidth={training.id === chosen ? 2.4 : 1.6}
              strokeDasharray={part === "train" ? "5 3" : "none"}
              strokeLinejoin="round"
              points={points
                .map(({ epoch, value }) => `${fixed(across(epoch))},${fixed(up(value))}`)
                .join(" ")}
            />
            {(part === "validation" || points.length === 1) &&
              points.map(({ evaluation, epoch, value }) => (
                <circle
                  key={evaluation}
                  cx={fixed(across(epoch))}
                  cy={fixed(up(value))}
                  r={points.length > 40 ? 1 : 2.2}
                  stroke="none"
                />
              ))}
          </g>
        ))}
        {near && (
          <circle cx={near.x} cy={near.y} r="5" fill="none" stroke="var(--ink)" strokeWidth="1.5" />
        )}
      </svg>
      <p className="numbers mt-1 min-h-9 text-[12.5px] text-soft">
        {near?.said ??
          `Point at a line to read it.${scale.logarithmic ? " The scale is logarithmic." : ""}`}
      </p>
    </>
  );
}

const fixed = (value: number): string => value.toFixed(1);

const tickLabel = (value: number): string =>
  value !== 0 && Math.abs(value) < 1e-3
    ? value.toExponential(0)
    : formatScore(Number(value.toPrecision(6)), Math.abs(value) >= 10 ? 0 : 2);
