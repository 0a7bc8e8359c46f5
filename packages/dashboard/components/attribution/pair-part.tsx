/** @file Word scores across datasets or models: every pair as a scatter, with Pearson's r. */

import { Command } from "@/components/empty";
import { counted, formatScore } from "@/lib/format";
import { correlate, fetchSizes } from "@/lib/queries/attribution-agreement";
import type { Group } from "@/lib/queries/attribution-groups";
import { focusOf } from "@/lib/queries/attribution-texts";
import { ChartCard } from "../chart-card";
import { Notice } from "./empty";
import type { Found } from "./frame";
import { PairGrid, type Series } from "./pair-grid";
import { Pickers, Segment } from "./pickers";
import { CountPicker } from "./word-switches";

/** Datasets (or models) in a grid: more can not be read. */
const most = 6;

/** The grid of the chosen method, or what is missing for one. */
export function PairPart({ store, view, group, groups, methods }: Found) {
  const trial = focusOf(store, methods, view.method);
  if (trial === undefined) return null;
  const across = view.across === "datasets";
  const others = groups.filter(
    (one) =>
      one.target === group.target &&
      (across ? one.modelId === group.modelId : one.datasetId === group.datasetId) &&
      one.methods.some(({ label }) => label === trial.label),
  );
  const least = Math.max(1, view.count ?? group.minCount);
  const name = (one: Group) =>
    [across ? one.dataset : one.model, one.setting].filter(Boolean).join(", ");
  const series = others.slice(0, most).map((one): Series => {
    const own = one.methods.find(({ label }) => label === trial.label) ?? trial;
    return { name: name(one), words: fetchSizes(store, { group: one, trial: own }, least) };
  });
  const controls = (
    <>
      <Segment
        name="across"
        label="Compared across"
        options={[
          ["datasets", "Datasets"],
          ["models", "Models"],
        ]}
      />
      <Pickers
        choices={[
          {
            name: "method",
            label: "method",
            value: trial.label,
            values: group.methods.map(({ label }) => label),
          },
        ]}
      />
      <CountPicker least={least} usual={group.minCount} />
    </>
  );
  if (series.length < 2) return <Lonely across={across} controls={controls} group={group} />;
  const pairs = series.flatMap((a, i) =>
    series.slice(i + 1).map((b) => ({ a: a.name, b: b.name, ...correlate(a.words, b.words) })),
  );
  return (
    <ChartCard
      title={`Word scores across ${view.across}`}
      file={`words-across-${view.across}`}
      controls={controls}
      table={{
        columns: ["first", "second", "word", "score in first", "score in second", "r of the pair"],
        rows: pairs.flatMap(({ a, b, r, points }) =>
          points.map(([word, x, y]) => [a, b, word, x, y, r]),
        ),
      }}
      caption={
        <>
          Each dot is a token that both share and that occurs at least {counted(least, "time")} in
          each: its mean |score| under {trial.label}, every text divided by its largest, texts of at
          least {group.minTokens} tokens. Pearson's r:{" "}
          {pairs
            .map(
              ({ a, b, r, points }) =>
                `${a} and ${b} ${r === null ? "not known" : formatScore(r)} (${counted(points.length, "word")})`,
            )
            .join("; ")}
          .{others.length > most && ` The first ${most} of ${others.length} are drawn.`}
        </>
      }
    >
      <PairGrid series={series} />
    </ChartCard>
  );
}

type LonelyProps = {
  readonly across: boolean;
  readonly controls: React.ReactNode;
  readonly group: Group;
};

function Lonely({ across, controls, group }: LonelyProps) {
  return (
    <Notice title={`Word scores across ${across ? "datasets" : "models"}`}>
      <div className="flex flex-wrap items-center gap-3">{controls}</div>
      <p>
        {across
          ? `Only ${group.dataset} was explained on ${group.model} this way. With a second dataset in the experiment, the scores of shared words are compared here:`
          : `Only ${group.model} explains ${group.dataset} this way. With a second model in the experiment, say one trained with another seed, the scores of words are compared here:`}
      </p>
      <Command>
        {across
          ? 'datasets: ["first.jsonl", "second.jsonl"]'
          : 'models: ["checkpoints/seed-0", "checkpoints/seed-1"]'}
      </Command>
    </Notice>
  );
}
