/** @file A run: its stages with progress, rate and time left. */

import Link from "next/link";
import { counted, formatCount, formatDuration, formatMomentAfter, formatTime } from "@/lib/format";
import type { LiveRun } from "@/lib/live";
import { viewLink } from "@/lib/view";
import { State } from "./ui/badge";
import { Card } from "./ui/card";

/** One experiment at work, or the last one. */
export function RunCard({ run, now }: { run: LiveRun; now: number }) {
  const { lastRun: last, counts } = run;
  const page = run.kind === "finetune" ? "/finetuning" : "/compare";
  const link =
    run.kind === "attribute" ? "/attribution" : viewLink(page, { experiment: [run.name] });
  return (
    <Card aria-label={run.name} className="px-5 py-4">
      <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <h2 className="text-base font-semibold tracking-tight [overflow-wrap:anywhere]">
          <Link href={link} prefetch={false} className="hover:text-accent">
            {run.name}
          </Link>
        </h2>
        <span className="text-[13px] text-soft">
          <State name={run.state} />
        </span>
        <span className="numbers ml-auto text-[13px] text-soft">
          {run.secondsLeft !== null && (
            <strong className="font-medium text-ink">
              about {formatDuration(run.secondsLeft)} left, until{" "}
              {formatMomentAfter(now, run.secondsLeft)} ·{" "}
            </strong>
          )}
          {formatCount(counts.done + counts.failed)} of {formatCount(counts.total)} trials
        </span>
      </div>
      {last && (
        <>
          <ul className="mt-3 space-y-3">
            {last.stages.map((stage) => (
              <li key={stage.stage}>
                <div className="numbers flex flex-wrap justify-between gap-x-4 text-[13px]">
                  <span className="font-medium">{stageNames[stage.stage]}</span>
                  <span className="text-soft">
                    {formatCount(stage.done)} of {formatCount(stage.total)} {stage.unit}
                    {stage.failed > 0 && (
                      <span className="text-bad">, {formatCount(stage.failed)} failed</span>
                    )}
                    {stage.rate !== null && ` · ${rateText(stage.rate, stage.unit)}`}
                    {stage.secondsLeft !== null &&
                      stage.done < stage.total &&
                      ` · ${formatDuration(stage.secondsLeft)} left`}
                  </span>
                </div>
                <div
                  role="progressbar"
                  aria-label={`${run.name}: ${stageNames[stage.stage]}`}
                  aria-valuenow={stage.done}
                  aria-valuemin={0}
                  aria-valuemax={Math.max(1, stage.total)}
                  className="mt-1 flex h-2 overflow-hidden rounded-full bg-sunk"
                >
                  <span
                    className="bg-accent transition-[width] duration-500"
                    style={{
                      width: `${(100 * Math.max(0, stage.done - stage.failed)) / Math.max(1, stage.total)}%`,
                    }}
                  />
                  <span
                    className="bg-bad"
                    style={{ width: `${(100 * stage.failed) / Math.max(1, stage.total)}%` }}
                  />
                </div>
              </li>
            ))}
          </ul>
          <p className="mt-3 text-[12.5px] text-faint">
            <code className="break-all font-mono">{last.command}</code> on {last.host},{" "}
            {last.device}, {counted(last.workers, "worker")}, started {formatTime(last.startedAt)},{" "}
            {formatDuration(((last.finishedAt ?? last.seenAt) - last.startedAt) / 1000)}
            {last.outcome && `, ${last.outcome}`}
          </p>
        </>
      )}
    </Card>
  );
}

/** Slow work is told per minute. */
function rateText(perSecond: number, unit: string): string {
  return perSecond < 1
    ? `${(60 * perSecond).toFixed(1)} ${unit}/min`
    : `${formatCount(perSecond)} ${unit}/s`;
}

const stageNames = {
  finetune: "Fine-tuning",
  encode: "Encoding",
  probe: "Probing",
  attribute: "Attributing",
} as const;
