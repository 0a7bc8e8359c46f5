/** @file What the leading score of a trial is worth: beside baselines, layer 0, a control task, permuted labels and a code. */

import Link from "next/link";
import {
  formatCount,
  formatGain,
  formatInterval,
  formatP,
  formatScore,
  metricLabel,
} from "@/lib/format";
import type { MetricScores } from "@/lib/queries/trial";
import type { TrialReport } from "@/lib/trial-report";
import { Card, CardTitle, Fact } from "./ui/card";

/** Only what the store has; nothing when it has none of it. */
export function EvidenceCard({ report }: { report: TrialReport }) {
  const { scores, bottom } = report;
  const of = (metric: string) => scores.find((one) => one.metric === metric);
  const lead = of("accuracy") ?? of("r2");
  if (lead === undefined) return null;
  const control = of("controlAccuracy");
  const selectivity = of("selectivity");
  const p = of("permutationP");
  const permuted = of("permutedAccuracy") ?? of("permutedR2");
  const bits = of("descriptionLength");
  const known = [lead.baselines[0], bottom, control, p, bits];
  if (known.every((one) => one === undefined || one === null)) return null;
  return (
    <Card aria-label="What the score is worth">
      <CardTitle title="What the score is worth" />
      <dl className="px-4 pb-2 pt-1 text-[13px]">
        <Fact name={metricLabel(lead.metric)}>
          {formatScore(lead.mean)}
          {lead.low !== null && `, 95 % over folds ${formatInterval(lead)}`}
          {lead.itemLow !== null &&
            `, over items ${formatInterval({ low: lead.itemLow, high: lead.itemHigh })}`}
        </Fact>
        {lead.baselines.map(({ name, value }) => (
          <Fact key={name} name={`over ${name}`}>
            {formatGain(lead.mean - value)} ({formatScore(value)})
          </Fact>
        ))}
        {bottom && (
          <Fact name="over layer 0">
            {formatGain(lead.mean - bottom.mean)} (
            <Link className="link" href={`/trials/${bottom.id}`} prefetch={false}>
              {formatScore(bottom.mean)}
            </Link>
            )
          </Fact>
        )}
        {control && selectivity && (
          <Fact name="selectivity">
            {formatScore(selectivity.mean)}
            {selectivity.low !== null && `, 95 % over folds ${formatInterval(selectivity)}`}
            {`; control task ${formatScore(control.mean)}`}
          </Fact>
        )}
        {p && (
          <Fact name="permuted labels">
            p {formatP(p.mean)}
            {permuted &&
              ` of ${formatCount(permuted.values.length)} permutations, mean ${formatScore(permuted.mean)}`}
          </Fact>
        )}
        {bits && (
          <CodeFact
            bits={bits}
            compression={of("compression")}
            prior={of("compressionOverPrior")}
          />
        )}
      </dl>
    </Card>
  );
}

type Code = {
  readonly bits: MetricScores;
  readonly compression: MetricScores | undefined;
  readonly prior: MetricScores | undefined;
};

function CodeFact({ bits, compression, prior }: Code) {
  return (
    <Fact name="description length">
      {formatCount(bits.mean)} bits
      {compression && `, compression ${formatScore(compression.mean, 2)} of the uniform code`}
      {prior && `, ${formatScore(prior.mean, 2)} of the prior's`}
    </Fact>
  );
}
