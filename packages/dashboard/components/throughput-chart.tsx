/** @file Trials finished over the last hour, as bars; failed ones on top. */

import { formatDuration } from "@/lib/format";
import type { Throughput } from "@/lib/queries/live";
import { Card, CardTitle } from "./ui/card";

const [width, height] = [900, 120];

/** Bars of equal spans of time. */
export function ThroughputChart({
  throughput: { spans, spanSeconds },
  alive,
}: {
  throughput: Throughput;
  alive: boolean;
}) {
  const most = Math.max(1, ...spans.map(({ done, failed }) => done + failed));
  const step = width / spans.length;
  const up = (count: number) => (count / most) * (height - 8);
  const lately = spans.slice(-Math.max(1, Math.round(60 / spanSeconds)));
  const perMinute =
    (lately.reduce((sum, { done, failed }) => sum + done + failed, 0) /
      (lately.length * spanSeconds)) *
    60;
  return (
    <Card aria-label="Throughput">
      <CardTitle title="Throughput">
        <span className="numbers text-[13px] text-soft">
          {perMinute < 10 ? perMinute.toFixed(1) : Math.round(perMinute).toLocaleString("en-US")}{" "}
          trials per minute
          {alive ? "" : " at the end"}
        </span>
      </CardTitle>
      <div className="px-4 pb-3 pt-2">
        <svg
          role="img"
          aria-label={`Trials finished per ${formatDuration(spanSeconds)}, at most ${most}`}
          viewBox={`0 0 ${width} ${height}`}
          preserveAspectRatio="none"
          className="block h-28 w-full"
        >
          <line x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} stroke="var(--edge)" />
          {spans.map(({ done, failed }, i) => (
            <g key={i}>
              <rect
                x={i * step + 1}
                width={Math.max(1, step - 2)}
                y={height - up(done)}
                height={up(done)}
                fill="var(--accent)"
                fillOpacity="0.75"
              />
              <rect
                x={i * step + 1}
                width={Math.max(1, step - 2)}
                y={height - up(done + failed)}
                height={up(failed)}
                fill="var(--bad)"
              />
            </g>
          ))}
        </svg>
        <p className="numbers mt-1 flex justify-between text-[12px] text-faint">
          <span>
            {formatDuration(spans.length * spanSeconds)} {alive ? "ago" : "before the end"}
          </span>
          <span>
            one bar is {formatDuration(spanSeconds)}, the highest {most} trials
          </span>
          <span>{alive ? "now" : "end"}</span>
        </p>
      </div>
    </Card>
  );
}
