/** @file One experiment in the list. */

import type { BestScore as Best, ExperimentOverview } from "@probegrid/runner/store";
import Link from "next/link";
import {
  formatCount,
  formatDuration,
  formatInterval,
  formatScore,
  formatTime,
  metricLabel,
} from "@/lib/format";
import { within } from "@/lib/metrics";
import { isPublished } from "@/lib/published";
import { viewLink } from "@/lib/view";
import { Badge, State } from "./ui/badge";
import { Card } from "./ui/card";

/** Name and question at the left, the answer so far at the right, progress below. */
export function ExperimentCard({ experiment }: { experiment: ExperimentOverview }) {
  const compare = linkTo(experiment);
  return (
    <Card className="px-5 py-4">
      <div className="flex flex-wrap items-start gap-x-8 gap-y-4">
        <div className="min-w-0 flex-1 basis-80">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h2 className="text-base font-semibold tracking-tight [overflow-wrap:anywhere]">
              <Link href={compare} prefetch={false} className="hover:text-accent">
                {experiment.name}
              </Link>
            </h2>
            <span className="text-[13px] text-soft">
              <State name={experiment.state} />
            </span>
            {experiment.kind !== "probe" && <Badge>{experiment.kind}</Badge>}
            {experiment.tags.map((tag) => (
              <Badge key={tag}>{tag}</Badge>
            ))}
          </div>
          {experiment.question && <p className="mt-1 text-ink/90">{experiment.question}</p>}
          {experiment.note && (
            <p className="mt-2 whitespace-pre-line border-l-2 pl-3 text-[13px] text-soft">
              {experiment.note}
            </p>
          )}
        </div>
        <div className="min-w-0 basis-72 max-sm:basis-full">
          {experiment.best ? (
            <BestScore experiment={experiment} best={experiment.best} compare={compare} />
          ) : (
            <p className="text-[13px] text-faint">No score yet</p>
          )}
        </div>
      </div>
      <Progress experiment={experiment} />
    </Card>
  );
}

/** The page that shows an experiment of its kind. */
function linkTo({ kind, name, best }: ExperimentOverview): string {
  if (kind !== "attribute") {
    return viewLink(kind === "finetune" ? "/finetuning" : "/compare", { experiment: [name] });
  }
  return best === null
    ? "/attribution"
    : `/attribution?${new URLSearchParams({ dataset: best.dataset, model: best.model })}`;
}

/** What the best score was reached with; the accuracy of an attribution is that of the model, whatever the method. */
function wayOf(experiment: ExperimentOverview, best: Best): string {
  const { layer, layerMethod, token, classifier } = best;
  if (experiment.kind === "attribute") return "of the model that is explained";
  const knobs = knobsOf(experiment);
  const words = classifier
    .split(" ")
    .filter((word) => knobs?.has(word.split("=")[0] ?? "") ?? true)
    .join(" ");
  if (knobs !== null) return `best with ${token} pooling${words && `, ${words}`}`;
  const pooling = [layerMethod && `${layerMethod} over layers`, token, classifier];
  return `${layer === null ? "best with " : ""}${pooling.filter(Boolean).join(", ")}`;
}

/** Knobs that a grid of fine-tunings varies; null for other experiments. */
function knobsOf({ kind, spec }: ExperimentOverview): ReadonlySet<string> | null {
  if (kind !== "finetune") return null;
  const { points = [] } = JSON.parse(spec) as { points?: readonly Record<string, unknown>[] };
  const seen = new Map<string, Set<string>>();
  for (const [name, value] of points.flatMap(Object.entries)) {
    const values = seen.get(name) ?? new Set();
    seen.set(name, values.add(JSON.stringify(value)));
  }
  return new Set([...seen].flatMap(([name, { size }]) => (size > 1 ? name : [])));
}

type BestProps = {
  readonly experiment: ExperimentOverview;
  readonly best: Best;
  readonly compare: string;
};

function BestScore({ experiment, best, compare }: BestProps) {
  return (
    <>
      <p className="numbers">
        <Link href={compare} prefetch={false} className="group">
          <span className="text-2xl font-semibold tracking-tight group-hover:text-accent">
            {formatScore(best.mean)}
          </span>{" "}
          <span className="text-[12.5px] text-soft">
            {formatInterval({
              low: within(best.metric, best.low),
              high: within(best.metric, best.high),
            })}{" "}
            {metricLabel(best.metric)}
          </span>
        </Link>
      </p>
      <p className="text-[13px] text-soft [overflow-wrap:anywhere]">
        {best.layer !== null && (
          <>
            best at <strong className="font-medium text-ink">layer {best.layer}</strong>,{" "}
          </>
        )}
        {wayOf(experiment, best)}
      </p>
      <p className="truncate text-[12px] text-faint" title={`${best.model} on ${best.dataset}`}>
        {best.model} on {best.dataset}
      </p>
    </>
  );
}

function Progress({ experiment }: { experiment: ExperimentOverview }) {
  const { total, done, failed } = experiment.counts;
  const share = (count: number) => ({ width: `${(100 * count) / Math.max(1, total)}%` });
  return (
    <div className="mt-4">
      <div
        role="progressbar"
        aria-label={`${experiment.name}: trials finished`}
        aria-valuenow={done + failed}
        aria-valuemin={0}
        aria-valuemax={total}
        className="flex h-1.5 overflow-hidden rounded-full bg-sunk"
      >
        <span className="bg-good/80" style={share(done)} />
        <span className="bg-bad" style={share(failed)} />
      </div>
      <p className="numbers mt-2 flex flex-wrap gap-x-5 gap-y-0.5 text-[12.5px] text-soft">
        <span>
          {formatCount(done)} of {formatCount(total)} trials done
        </span>
        {failed > 0 && (
          <Link
            className="text-bad hover:underline"
            prefetch={false}
            href={viewLink("/compare", {
              experiment: [experiment.name],
              show: ["trials"],
              state: "failed",
            })}
          >
            {formatCount(failed)} failed
          </Link>
        )}
        {experiment.secondsLeft !== null && (
          <Link className="link" href="/live" prefetch={false}>
            about {formatDuration(experiment.secondsLeft)} left
          </Link>
        )}
        <span className="ml-auto max-sm:ml-0">
          {experiment.lastRun
            ? `started ${formatTime(experiment.lastRun.startedAt)}`
            : isPublished(experiment.spec)
              ? `published results, imported ${formatTime(experiment.createdAt)}`
              : "never run"}
        </span>
        {experiment.lastRun && (
          <span>
            {experiment.state === "running" ? "at work for" : "took"}{" "}
            {formatDuration(experiment.seconds)}
          </span>
        )}
      </p>
    </div>
  );
}
