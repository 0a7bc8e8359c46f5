/** @file The name of a trial: what was probed, how, on what. */

import type { TrialFacts } from "@/lib/queries/trial";

/** Layer, pooling and classifier large; dataset, model and id below. */
export function TrialTitle({
  facts,
  level: Level = "h1",
}: {
  facts: TrialFacts;
  level?: "h1" | "h2";
}) {
  const how = [facts.token, facts.classifier, facts.options].filter(Boolean).join(" · ");
  return (
    <div className="min-w-0">
      <Level className="text-xl font-semibold tracking-tight">
        {facts.layer !== null && `Layer ${facts.layer}`}
        {facts.layer !== null && facts.layerIndex === null && facts.layerMethod
          ? ` (${facts.layerMethod})`
          : ""}
        {facts.layer !== null && " · "}
        {how}
      </Level>
      <p className="text-[13px] text-soft">
        {facts.model} on {facts.dataset}{" "}
        <code className="ml-1 font-mono text-[12px] text-faint">{facts.id}</code>
      </p>
    </div>
  );
}
