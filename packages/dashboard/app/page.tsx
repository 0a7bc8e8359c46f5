/** @file Experiments: each with its question, how far it is, and the best it found. */

import { readExperiments } from "@probegrid/runner/store";
import { EmptyStore } from "@/components/empty";
import { ExperimentCard } from "@/components/experiment-card";
import { Freshness } from "@/components/freshness";
import { counted } from "@/lib/format";
import { readStore } from "@/lib/read";

export const metadata = { title: "Experiments" };

export default async function Page() {
  const store = await readStore();
  const experiments = store === null ? [] : readExperiments(store.opened);
  const trials = experiments.reduce((sum, experiment) => sum + experiment.counts.total, 0);
  return (
    <main id="main" className="mx-auto max-w-6xl px-4 py-6 lg:px-6">
      <Freshness version={store?.generation ?? "none"} />
      {experiments.length === 0 ? (
        <EmptyStore missing={store === null} />
      ) : (
        <>
          <div className="flex items-baseline justify-between gap-4">
            <h1 className="text-2xl font-semibold tracking-tight">Experiments</h1>
            <p className="numbers text-[13px] text-soft">
              {counted(experiments.length, "experiment")}, {counted(trials, "trial")}
            </p>
          </div>
          <ul className="mt-5 space-y-3">
            {experiments.map((experiment) => (
              <li key={experiment.key}>
                <ExperimentCard experiment={experiment} />
              </li>
            ))}
          </ul>
        </>
      )}
    </main>
  );
}
