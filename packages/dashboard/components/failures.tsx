/** @file What failed, by message: how often, and the newest trials of each. */

import Link from "next/link";
import { counted, formatTime } from "@/lib/format";
import type { FailureGroup } from "@/lib/queries/live";
import { viewLink } from "@/lib/view";
import { Card, CardTitle } from "./ui/card";

/** Groups of failures, the latest first. */
export function Failures({ groups, total }: { groups: readonly FailureGroup[]; total: number }) {
  const told = groups.reduce((sum, { trials }) => sum + trials, 0);
  return (
    <Card aria-label="Failures">
      <CardTitle title="Failures">
        <span className="numbers text-[13px] text-soft">
          {total === 0
            ? "none"
            : `${counted(total, "trial")}, ${counted(groups.length, "message")}`}
        </span>
      </CardTitle>
      {total === 0 ? (
        <p className="px-4 pb-4 pt-1 text-[13px] text-soft">Every finished trial has its scores.</p>
      ) : (
        <ul className="divide-y px-4 pb-2 pt-1" aria-live="polite">
          {groups.map(({ message, trials, examples }) => (
            <li key={message} className="py-3">
              <p className="flex gap-3">
                <span className="numbers min-w-8 text-right font-semibold text-bad">{trials}×</span>
                <span className="min-w-0 whitespace-pre-wrap break-words font-medium">
                  {message}
                </span>
              </p>
              <ul className="ml-11 mt-1 space-y-0.5 text-[12.5px] text-soft">
                {examples.map((trial) => (
                  <li key={trial.trial}>
                    <Link className="link" prefetch={false} href={`/trials/${trial.trial}`}>
                      layer {trial.layer ?? "–"}, {trial.token ?? "–"}, {trial.classifier}
                    </Link>{" "}
                    {trial.model} on {trial.dataset}, {formatTime(trial.finishedAt)}
                  </li>
                ))}
                {trials > examples.length && (
                  <li>
                    <Link
                      className="link"
                      prefetch={false}
                      href={viewLink("/compare", {
                        show: ["trials"],
                        state: "failed",
                        find: message.split(/\s+/).slice(0, 6).join(" "),
                      })}
                    >
                      all {trials} in the table
                    </Link>
                  </li>
                )}
              </ul>
            </li>
          ))}
          {told < total && (
            <li className="py-3 text-[13px] text-soft">
              {counted(total - told, "failure")} with older messages are in the table of trials.
            </li>
          )}
        </ul>
      )}
    </Card>
  );
}
