/** @file The written parts of a trial: what it is, where it ran, how rows were split, what failed, how to repeat it. */

import { formatCount, formatDuration, formatMillions, formatTime } from "@/lib/format";
import { isPublished } from "@/lib/published";
import type { Sizes } from "@/lib/queries/splits";
import type { TrialFacts } from "@/lib/queries/trial";
import type { TrialReport } from "@/lib/trial-report";
import { CopyButton } from "./copy-button";
import { Badge, State } from "./ui/badge";
import { Card, CardTitle, Fact } from "./ui/card";

/** Spec, model, dataset, time and environment. */
export function TrialFactsCard({ report: { facts, experiments } }: { report: TrialReport }) {
  const flags = listOf(facts.flags);
  return (
    <Card aria-label="About this trial">
      <CardTitle title="About this trial" />
      <dl className="px-4 pt-1 text-[13px]">
        <Fact name="State">
          <State name={facts.state} />
          {facts.attempts > 1 && ` after ${facts.attempts} attempts`}
        </Fact>
        {flags.length > 0 && (
          <Fact name="Flags">
            {flags.map((flag) => (
              <Badge key={flag} warn>
                {flag}
              </Badge>
            ))}
          </Fact>
        )}
        <Fact name="Experiment">{experiments.join(", ") || "–"}</Fact>
        <Fact name="Dataset">
          {facts.dataset}, {facts.rows > 0 ? `${formatCount(facts.rows)} rows` : "rows unknown"}
        </Fact>
        <Fact name="Model">
          {facts.model}, {modelOf(facts)}
        </Fact>
        <Fact name="Layer">
          {facts.layer ?? "–"}
          {facts.layerIndex === null && facts.layerMethod && ` (${facts.layerMethod})`}
        </Fact>
        <Fact name="Token pooling">{facts.token ?? "–"}</Fact>
        <Fact name="Classifier">
          {facts.classifier} {facts.options}
        </Fact>
        <Fact name="Seed">{facts.seed ?? "–"}</Fact>
        {isPublished(facts.environment) ? (
          <Fact name="Computed">elsewhere; published without the time it took</Fact>
        ) : (
          <>
            <Fact name="Started">{formatTime(facts.startedAt)}</Fact>
            <Fact name="Finished">
              {formatTime(facts.finishedAt)}
              {facts.seconds !== null && `, ${formatDuration(facts.seconds)} of computing`}
            </Fact>
          </>
        )}
      </dl>
      <div className="border-t border-dashed px-4 pb-3 text-[13px]">
        <Folded name="Spec" json={facts.spec} />
        {facts.splitSpec && <Folded name="Split" json={facts.splitSpec} />}
        {facts.environment && <Folded name="Environment" json={facts.environment} />}
      </div>
    </Card>
  );
}

/** The message, and the stack folded below it. */
export function TrialError({ facts }: { facts: TrialFacts }) {
  return (
    <Card aria-label="Error" className="border-bad/40 bg-bad-tint xl:col-span-2">
      <CardTitle title="What went wrong" />
      <div className="px-4 pb-3 pt-1">
        <p className="whitespace-pre-wrap break-words font-medium text-bad">{facts.error}</p>
        {facts.stack && (
          <pre
            tabIndex={0}
            className="mt-2 max-h-72 overflow-auto rounded-lg bg-card px-3 py-2 font-mono text-[12px]"
          >
            {facts.stack}
          </pre>
        )}
      </div>
    </Card>
  );
}

/** Rows per part of each fold; one line when all folds agree. */
export function FoldSizes({ sizes }: { sizes: readonly Sizes[] }) {
  return (
    <Card aria-label="Split sizes">
      <CardTitle title="Split sizes" />
      <div
        tabIndex={0}
        role="region"
        aria-label="Rows per fold"
        className="max-h-96 overflow-auto px-4 pb-3 pt-1"
      >
        <table className="w-full text-[13px]">
          <thead>
            <tr className="text-left text-soft">
              {["Fold", "Train", "Validation", "Test"].map((name) => (
                <th
                  key={name}
                  scope="col"
                  className="py-1.5 text-right font-medium first:text-left"
                >
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sizes.map(({ fold, train, validation, test }) => (
              <tr key={fold} className="border-t border-dashed">
                <th scope="row" className="py-1 text-left font-normal">
                  {fold + 1}
                </th>
                {[train, validation, test].map((count, i) => (
                  <td key={i} className="text-right">
                    {formatCount(count)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

/** The command that computes the trial again. */
export function Repeat({ command }: { command: string }) {
  return (
    <Card aria-label="Repeat this trial" className="min-w-0">
      <CardTitle title="Repeat this trial">
        <CopyButton text={command} />
      </CardTitle>
      <div className="px-4 pb-4 pt-1">
        <pre
          tabIndex={0}
          className="overflow-x-auto rounded-lg bg-sunk px-3 py-2.5 font-mono text-[12px] leading-relaxed"
        >
          {command}
        </pre>
        <p className="mt-2 text-[12.5px] text-soft">
          In the folder where the experiment was run. It writes to a store of its own.
        </p>
      </div>
    </Card>
  );
}

/** Architecture and sizes, as far as they are known: published results name models that nobody has looked at. */
function modelOf({ architecture, modelLayers, width, parameters, dtype, revision }: TrialFacts) {
  if (modelLayers === 0) return "whose sizes are not known";
  return [
    ...[
      architecture,
      `${modelLayers} layers of ${width}`,
      `${formatMillions(parameters)} parameters`,
    ],
    ...(dtype === "unknown" ? [] : [dtype]),
    ...(revision === null ? [] : [`revision ${revision}`]),
  ].join(", ");
}

function Folded({ name, json }: { name: string; json: string }) {
  return (
    <details className="border-b border-dashed py-1.5 last:border-0">
      <summary className="flex list-none items-center justify-between text-soft hover:text-ink">
        {name}
        <span aria-hidden className="text-[11px]">
          show
        </span>
      </summary>
      <pre
        tabIndex={0}
        className="mt-1.5 max-h-80 overflow-auto rounded-lg bg-sunk px-3 py-2 font-mono text-[12px]"
      >
        {indented(json)}
      </pre>
    </details>
  );
}

function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

function listOf(json: string | null): readonly string[] {
  try {
    const list: unknown = JSON.parse(json ?? "[]");
    return Array.isArray(list) ? list.map(String) : [String(list)];
  } catch {
    return [json ?? ""];
  }
}
