/** @file Fine-tuning: curves while trainings run, which knobs matter, the best checkpoint, and what ended early. */

import Link from "next/link";
import type { SearchParams } from "nuqs/server";
import { ChartCard } from "@/components/chart-card";
import { ParallelCoordinates } from "@/components/charts/parallel-coordinates";
import { Command, Empty } from "@/components/empty";
import { TrainingCard } from "@/components/finetuning/best-training";
import { CurvesPart } from "@/components/finetuning/curves-part";
import { combinationOf, drawnTrainings } from "@/components/finetuning/drawn-training";
import { EndedEarly, TrainingTable } from "@/components/finetuning/training-table";
import { Freshness } from "@/components/freshness";
import { ConfusionCard, checkpointCaption, FitCard } from "@/components/trial-charts";
import { ViewProvider } from "@/components/view-context";
import { axes } from "@/lib/axes";
import { counted, formatCount, metricLabel } from "@/lib/format";
import { readStore } from "@/lib/read";
import { reportTrial } from "@/lib/trial-report";
import { reportTuning, type Tuning } from "@/lib/tuning";
import { loadView, viewLink } from "@/lib/view";

export const metadata = { title: "Fine-tuning" };

/** Lines that can still be told apart. */
const mostLines = 24;

export default async function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const view = await loadView(searchParams);
  const store = await readStore();
  const asked = { experiment: view.experiment[0], dataset: view.dataset[0] };
  const tuning = store === null ? null : reportTuning(store, asked);
  const freshness = <Freshness version={store?.generation ?? "none"} seconds={1} />;
  if (store === null || tuning === null) {
    return (
      <main id="main" className="px-4">
        {freshness}
        <NothingTuned />
      </main>
    );
  }
  const { trainings, watched, best } = tuning;
  const chosen = trainings.find(({ id }) => id === view.trial) ?? best;
  const report = chosen === null ? null : reportTrial(store, chosen.id);
  const drawn = drawnTrainings(
    trainings.filter(
      ({ points, state }, i) => points.length > 0 && (i < mostLines || state === "running"),
    ),
  );
  const compared = trainings.filter((one) => one.best !== null && one.state === "done");
  const combinations = compared.map(combinationOf);
  return (
    <ViewProvider>
      {freshness}
      <main id="main" className="mx-auto max-w-6xl space-y-4 px-4 py-6 lg:px-6">
        <Title tuning={tuning} />
        {drawn.length === 0 ? (
          <NoPoints tuning={tuning} />
        ) : (
          <CurvesPart
            trainings={drawn}
            total={trainings.filter(({ points }) => points.length > 0).length}
            watched={watched}
          />
        )}
        {chosen !== null && (
          <div className="grid items-start gap-4 lg:grid-cols-2">
            <TrainingCard training={chosen} tuning={tuning} />
            {report?.confusion && (
              <ConfusionCard
                confusion={report.confusion}
                id={chosen.id}
                caption={checkpointCaption}
              />
            )}
            {report?.fit && <FitCard fit={report.fit} id={chosen.id} />}
          </div>
        )}
        {compared.length > 1 && (
          <ChartCard
            title="Hyper-parameters"
            file="hyper-parameters"
            table={{
              columns: ["trial", ...shownAxes, `validation ${watched}`],
              rows: compared.map((one, i) => [
                one.id,
                ...shownAxes.map((axis) => combinations[i]?.values[axis] ?? null),
                one.best?.value ?? null,
              ]),
            }}
            caption={`Every finished training with its best ${metricLabel(watched)} on the validation rows. Drag along an axis to brush it, click a value to mark it: the curves follow.`}
          >
            <ParallelCoordinates combinations={combinations} metric={watched} />
          </ChartCard>
        )}
        <TrainingTable tuning={tuning} />
        <EndedEarly trainings={trainings} />
      </main>
    </ViewProvider>
  );
}

const shownAxes = axes.filter((axis) => ["model", "classifier", "options", "seed"].includes(axis));

function Title({ tuning }: { tuning: Tuning }) {
  const { experiment, experiments, datasets, dataset, trainings, pruning } = tuning;
  const count = (holds: (one: Tuning["trainings"][number]) => boolean) =>
    trainings.filter(holds).length;
  const counts = [
    [count(({ state, ending }) => state === "done" && ending === null), "done"],
    [count(({ ending }) => ending?.kind === "pruned"), "pruned"],
    [count(({ state }) => state === "running"), "running"],
    [count(({ state }) => state === "pending"), "waiting"],
    [count(({ state }) => state === "failed"), "failed"],
  ] as const;
  return (
    <div>
      <h1 className="break-words text-xl font-semibold tracking-tight">{experiment.name}</h1>
      {experiment.question && <p className="mt-1 break-words">{experiment.question}</p>}
      <p className="numbers mt-1 text-[13px] text-soft">
        {counted(trainings.length, "training")} on {dataset}:{" "}
        {counts
          .filter(([number], i) => number > 0 || i === 0)
          .map(([number, word]) => `${formatCount(number)} ${word}`)
          .join(", ")}
        {pruning !== null && ` · pruning by ${pruning}`}
      </p>
      {experiments.length > 1 && (
        <Links
          label="Experiments"
          current={experiment.name}
          names={experiments}
          link={(name) => viewLink("/finetuning", { experiment: [name] })}
        />
      )}
      {datasets.length > 1 && (
        <Links
          label="Datasets"
          current={dataset}
          names={datasets}
          link={(name) =>
            viewLink("/finetuning", { experiment: [experiment.name], dataset: [name] })
          }
        />
      )}
    </div>
  );
}

type LinksProps = {
  readonly label: string;
  readonly current: string;
  readonly names: readonly string[];
  readonly link: (name: string) => string;
};

function Links({ label, current, names, link }: LinksProps) {
  return (
    <nav aria-label={label} className="mt-2 flex flex-wrap gap-1 text-[13px]">
      {names.map((name) => (
        <Link
          key={name}
          href={link(name)}
          prefetch={false}
          aria-current={name === current ? "page" : undefined}
          className={name === current ? "rounded bg-sunk px-2 py-1 font-medium" : "link px-2 py-1"}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}

/** Trials exist, no evaluation does: waiting, at work on the first, or failed before it. */
function NoPoints({ tuning: { trainings } }: { tuning: Tuning }) {
  const running = trainings.some(({ state }) => state === "running");
  const failed = trainings.length > 0 && trainings.every(({ state }) => state === "failed");
  return (
    <p className="rounded-xl border bg-card px-5 py-8 text-center text-soft">
      {running
        ? "The first evaluation is not there yet: curves begin with it, by default at the end of the first epoch."
        : failed
          ? "Every training failed before its first evaluation; why stands below."
          : "Nothing has been trained yet. A run that was stopped goes on when it is started again."}
    </p>
  );
}

function NothingTuned() {
  return (
    <Empty title="Nothing has been fine-tuned yet">
      <p>
        A fine-tuning makes a classifier of a model and texts with labels. One training, recorded in
        the store that this page shows:
      </p>
      <Command>
        {
          "npx probegrid finetune --model models/demo-bert --data data/demo/polarity.jsonl \\\n  --text text --label label --out polarity-bert --store logs/probegrid.db"
        }
      </Command>
      <p>Or a grid of knobs, from a file; its curves grow here while it trains:</p>
      <Command>npx probegrid run experiments/sentiment.ts</Command>
    </Empty>
  );
}
