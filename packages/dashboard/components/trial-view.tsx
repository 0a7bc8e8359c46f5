/** @file One trial, whole: used by its page and by the panel beside the table. */

import type { TrialReport } from "@/lib/trial-report";
import { EvidenceCard } from "./evidence-card";
import { ConfusionCard, checkpointCaption, FitCard, Losses, RocCard, Scores } from "./trial-charts";
import { FoldSizes, Repeat, TrialError, TrialFactsCard } from "./trial-parts";
import { cn } from "./ui/cn";

/** Everything about a trial; in one column when narrow. */
export function TrialView({ report, narrow }: { report: TrialReport; narrow?: boolean }) {
  const { facts, scores, losses, confusion, roc, fit, sizes, command } = report;
  return (
    <div className="space-y-4">
      {facts.error !== null && <TrialError facts={facts} />}
      {scores.length > 0 && <Scores scores={scores} id={facts.id} />}
      <EvidenceCard report={report} />
      <div className={cn("grid items-start gap-4", !narrow && "lg:grid-cols-2")}>
        <div className="min-w-0 space-y-4">
          {confusion && (
            <ConfusionCard
              confusion={confusion}
              id={facts.id}
              {...(facts.kind === "finetune" && { caption: checkpointCaption })}
            />
          )}
          {fit && <FitCard fit={fit} id={facts.id} />}
          <TrialFactsCard report={report} />
        </div>
        <div className="min-w-0 space-y-4">
          {roc && <RocCard roc={roc} id={facts.id} />}
          {losses.length > 0 && <Losses losses={losses} id={facts.id} />}
          {command && <Repeat command={command} />}
          {sizes.length > 0 && <FoldSizes sizes={sizes} />}
        </div>
      </div>
    </div>
  );
}
