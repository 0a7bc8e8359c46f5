/** @file The best training: what it scored and against what, where its checkpoint lies, how to train it again. */

import Link from "next/link";
import { formatCount, formatDuration, formatScore, metricLabel } from "@/lib/format";
import type { Training, Tuning } from "@/lib/tuning";
import { CopyButton } from "../copy-button";
import { Badge } from "../ui/badge";
import { Card, CardTitle, Fact } from "../ui/card";

/** The chosen training, or the best one. */
export function TrainingCard({
  training,
  tuning: { watched, task, guesses, best },
}: {
  readonly training: Training;
  readonly tuning: Tuning;
}) {
  const finals = (task === "classification" ? ["accuracy", "macroF1"] : ["r2", "mse"]).filter(
    (metric) => training.scores[metric] !== undefined,
  );
  const isBest = training.id === best?.id;
  const remarks = training.flags.filter((flag) => !/^(kept|pruned)/.test(flag));
  return (
    <Card aria-label={isBest ? "Best training" : "Chosen training"} className="min-w-0">
      <CardTitle title={isBest ? "Best training" : "Chosen training"}>
        <Link className="link text-[12.5px]" href={`/trials/${training.id}`} prefetch={false}>
          {training.id}
        </Link>
      </CardTitle>
      <dl className="px-4 pb-2 pt-1 text-[13px]">
        {training.best && (
          <Fact name={`Validation ${metricLabel(watched)}`}>
            <strong className="text-base font-semibold">
              {formatScore(training.best.value, 4)}
            </strong>{" "}
            after epoch {formatScore(training.best.epoch, 2)}, update{" "}
            {formatCount(training.best.step)}
          </Fact>
        )}
        {finals.map((metric) => (
          <Fact key={metric} name={`Final ${metricLabel(metric)}`}>
            {formatScore(training.scores[metric], 4)}
            {guesses
              .filter((guess) => guess.metric === metric)
              .map(({ name, value }) => (
                <span key={name} className="text-soft">
                  {" "}
                  ({name}: {formatScore(value, 4)})
                </span>
              ))}
          </Fact>
        ))}
        <Fact name="Model">{training.model}</Fact>
        <Fact name="Head">{training.head}</Fact>
        {training.knobs !== "" && <Fact name="Knobs that differ">{training.knobs}</Fact>}
        <Fact name="Seed">{training.seed ?? "–"}</Fact>
        {training.seconds !== null && <Fact name="Took">{formatDuration(training.seconds)}</Fact>}
        {remarks.length > 0 && (
          <Fact name="Remarks">
            {remarks.map((flag) => (
              <Badge key={flag} warn>
                {flag}
              </Badge>
            ))}
          </Fact>
        )}
      </dl>
      {training.checkpoint && (
        <Copied name="Checkpoint" text={training.checkpoint}>
          A model like any other: it can stand in the models of a probing experiment, and answers{" "}
          <code className="font-mono text-[12px]">npx probegrid predict --model …</code>
        </Copied>
      )}
      {training.command && (
        <Copied name="Train it again" text={training.command}>
          {training.ending?.kind === "pruned"
            ? "It was pruned; alone it is trained to its end."
            : "Into a checkpoint and a store of its own; the same weights, bit for bit on the CPU."}
        </Copied>
      )}
    </Card>
  );
}

function Copied({
  name,
  text,
  children,
}: {
  readonly name: string;
  readonly text: string;
  readonly children: React.ReactNode;
}) {
  return (
    <div className="border-t border-dashed px-4 py-2.5">
      <div className="flex items-center justify-between gap-2">
        <h3 className="text-[13px] font-medium">{name}</h3>
        <CopyButton text={text} />
      </div>
      <pre
        tabIndex={0}
        role="region"
        aria-label={name}
        className="mt-1 overflow-x-auto rounded-lg bg-sunk px-3 py-2 font-mono text-[12px]"
      >
        {text}
      </pre>
      <p className="mt-1.5 text-[12.5px] text-soft">{children}</p>
    </div>
  );
}
