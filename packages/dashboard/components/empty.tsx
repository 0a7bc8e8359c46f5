/** @file Pages for when there is nothing to show: what that means and what to type. */

import Link from "next/link";
import type { FailureGroup } from "@/lib/queries/live";
import { storeFile } from "@/lib/store";
import { Failures } from "./failures";
import { Card } from "./ui/card";

/** A centred explanation with something to do. */
export function Empty({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Card className="mx-auto mt-10 max-w-2xl px-6 py-8 sm:px-10">
      <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
      <div className="mt-3 space-y-4 text-soft">{children}</div>
    </Card>
  );
}

/** A command to copy. */
export function Command({ children }: { children: string }) {
  return (
    <pre className="whitespace-pre-wrap break-words rounded-lg bg-sunk px-4 py-3 font-mono text-[12.5px] text-ink">
      {children}
    </pre>
  );
}

/** No store file, or one without experiments. */
export function EmptyStore({ missing }: { missing: boolean }) {
  return (
    <Empty title={missing ? "There is no store here yet" : "This store has no experiments yet"}>
      <p>
        {missing ? "The dashboard looks at" : "It is a good store, only an empty one:"}{" "}
        <code className="break-all font-mono text-[12.5px] text-ink">{storeFile()}</code>
        {missing && ", which does not exist. It appears with the first run."}
      </p>
      <p>Run the demo, which takes about a minute, or an experiment of your own:</p>
      <Command>{"npx probegrid demo\nnpx probegrid run experiments/layers.json"}</Command>
      <p>This page notices by itself when something arrives. To look at another store:</p>
      <Command>npx probegrid dashboard --store path/to/probegrid.db</Command>
    </Empty>
  );
}

type NothingScoredProps = {
  readonly states: Readonly<Record<string, number>>;
  readonly failures: readonly FailureGroup[];
};

/** Trials exist, but none has a score: still running, or all failed. */
export function NothingScored({ states, failures }: NothingScoredProps) {
  const { failed = 0, running = 0, pending = 0 } = states;
  const waiting = running + pending;
  if (waiting === 0 && failed > 0) {
    return (
      <>
        <Empty title={failed === 1 ? "The only trial failed" : `All ${failed} trials failed`}>
          <p>
            So there is nothing to compare. Below are the messages; each trial shows its stack. Once
            the cause is mended, running the experiment again tries them again.
          </p>
        </Empty>
        <div className="mx-auto mt-4 max-w-2xl">
          <Failures groups={failures} total={failed} />
        </div>
      </>
    );
  }
  return (
    <Empty title="No trial has finished yet">
      <p>
        {running > 0 ? `${running} running, ` : ""}
        {pending} waiting{failed > 0 ? `, ${failed} failed` : ""}. Scores appear here by themselves
        as trials finish;{" "}
        <Link className="link" href="/live">
          Live
        </Link>{" "}
        shows how far the run is.
      </p>
      {running === 0 && (
        <>
          <p>Nothing seems to be running. A run that was stopped goes on when started again:</p>
          <Command>npx probegrid run experiments/layers.json</Command>
        </>
      )}
    </Empty>
  );
}
