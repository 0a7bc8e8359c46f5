/** @file Trials finished over the last hour, as bars; failed ones on top. */

import { counted, formatDuration } from "@/lib/format";
import type { Throughput } from "@/lib/queries/live";
import { ChartCard } from "./chart-card";

const [width, height] = [900, 120];

/** Bars of equal spans of time. */
export function ThroughputChart({
  throughput: { spans, spanSeconds },
  alive,
}: {
  throughput: Throughput;
  alive: boolean;
}) {
  const most = Math.max(0, ...spans.map(({ done, failed }) => done + failed));
  const step = width / spans.length;
  const up = (count: number) => (count / Math.max(1, most)) * (height - 8);
  const lately = spans.slice(-Math.max(1, Math.round(60 / spanSeconds)));
  const perMinute =
    (lately.reduce((sum, { done, failed }) => sum + done + failed, 0) /
      (lately.length * spanSeconds)) *
    60;
  const pace =
    perMinute < 10 ? perMinute.toFixed(1) : Math.round(perMinute).toLocaleString("en-US");
  return (
    <ChartCard
      title="Throughput"
      file="throughput"
      table={{
        columns: ["seconds before the end", "done", "failed"],
        rows: spans.map(({ done, failed }, i) => [(spans.length - i) * spanSeconds, done, failed]),
      }}
      controls={
        <span className="numbers text-[13px] text-soft">
          {pace} trials per minute{alive ? "" : " at the end"}
        </span>
      }
    >
      <svg
        data-chart
        role="img"
        aria-label={`Trials finished per ${formatDuration(spanSeconds)}, at most ${most}`}
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        className="block h-28 w-full"
      >
        <line x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} stroke="var(--edge)" />
        {spans.map(({ done, failed }, i) => (
          <g key={i}>
            <Bar at={i * step} width={step} count={done} base={0} up={up} colour="var(--accent)" />
            <Bar
              at={i * step}
              width={step}
              count={failed}
              base={done}
              up={up}
              colour="var(--bad)"
            />
          </g>
        ))}
      </svg>
      <p className="numbers mt-1 flex justify-between gap-x-3 text-[12px] text-faint">
        <span>
          {formatDuration(spans.length * spanSeconds)} {alive ? "ago" : "before the end"}
        </span>
        <span>
          {most === 0
            ? "no trial has finished yet"
            : `one bar is ${formatDuration(spanSeconds)}, the highest ${counted(most, "trial")}`}
        </span>
        <span className="whitespace-nowrap">{alive ? "now" : "end"}</span>
      </p>
    </ChartCard>
  );
}

type BarProps = {
  readonly at: number;
  readonly width: number;
  readonly count: number;
  /** Trials below it. */
  readonly base: number;
  readonly up: (count: number) => number;
  readonly colour: string;
};

function Bar({ at, width: span, count, base, up, colour }: BarProps) {
  return (
    <rect
      x={at + 1}
      width={Math.max(1, span - 2)}
      y={height - up(base + count)}
      height={up(count)}
      fill={colour}
      fillOpacity="0.85"
    />
  );
}
