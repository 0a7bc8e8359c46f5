/** @file The Live page, asking for news every second while it is looked at. */

"use client";

import { useEffect, useState } from "react";
import { counted, formatCount } from "@/lib/format";
import type { Live } from "@/lib/live";
import { Failures } from "./failures";
import { RunCard } from "./run-card";
import { ThroughputChart } from "./throughput-chart";

/** Counts, runs with their stages, throughput, failures. */
export function LiveBoard({ first }: { first: Live }) {
  const [live, setLive] = useState(first);
  useEffect(() => {
    let busy = false;
    const ask = async () => {
      if (document.hidden || busy) return;
      busy = true;
      const answer = await fetch("/api/live").catch(() => null);
      const news = answer?.ok === true ? ((await answer.json()) as Live | null) : null;
      if (news !== null) setLive(news);
      busy = false;
    };
    const timer = setInterval(() => void ask(), 1000);
    return () => clearInterval(timer);
  }, []);
  const { done = 0, failed = 0, running = 0, pending = 0 } = live.totals;
  const alive = live.runs.some(({ state }) => state === "running");
  return (
    <div className="space-y-4">
      <header className="flex flex-wrap items-baseline gap-x-6 gap-y-1">
        <h1 className="text-2xl font-semibold tracking-tight">Live</h1>
        <p className="numbers text-soft" aria-live="polite">
          <strong className="font-semibold text-ink">{formatCount(done)}</strong> done,{" "}
          {formatCount(running)} running, {formatCount(pending)} waiting,{" "}
          <span className={failed > 0 ? "text-bad" : ""}>{formatCount(failed)} failed</span>
        </p>
      </header>
      {!alive && (
        <p className="text-soft">
          Nothing is running.{pending > 0 && ` ${counted(pending, "trial")} wait for the next run.`}{" "}
          Below is the last run.
        </p>
      )}
      {live.runs.map((run) => (
        <RunCard key={run.name} run={run} now={live.now} />
      ))}
      <ThroughputChart throughput={live.throughput} alive={alive} />
      <Failures groups={live.failures} total={failed} />
    </div>
  );
}
