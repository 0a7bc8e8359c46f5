/** @file Compare: which layer, which pooling, how sure; all charts look at the same trials and share one selection. */

import type { SearchParams } from "nuqs/server";
import { CompareParts } from "@/components/compare-parts";
import { EmptyStore, NothingScored } from "@/components/empty";
import { Freshness } from "@/components/freshness";
import { Reading } from "@/components/reading";
import { Sidebar } from "@/components/sidebar";
import { TrialPanel } from "@/components/trial-panel";
import { ViewProvider } from "@/components/view-context";
import { fetchChoices } from "@/lib/queries/choices";
import { fetchFailures, fetchTotals } from "@/lib/queries/live";
import { scopeOf } from "@/lib/queries/scope";
import { readStoreSoon } from "@/lib/read";
import { loadView } from "@/lib/view";

export const metadata = { title: "Compare" };

type Props = { readonly searchParams: Promise<SearchParams> };

export default async function Page({ searchParams }: Props) {
  const view = await loadView(searchParams);
  const store = await readStoreSoon();
  if (store === "reading") return <Reading />;
  const choices = store === null ? null : fetchChoices(store, view);
  const freshness = <Freshness version={store?.generation ?? "none"} />;
  if (store === null || choices === null || choices.experiments.length === 0) {
    return (
      <main id="main" className="px-4">
        {freshness}
        <EmptyStore missing={store === null} />
      </main>
    );
  }
  const metric = choices.metrics.find((name) => name === view.metric) ?? choices.metrics[0];
  return (
    <ViewProvider>
      {freshness}
      <div className="mx-auto grid max-w-[1640px] gap-x-8 px-4 py-5 lg:grid-cols-[232px_minmax(0,1fr)] lg:px-6">
        <aside className="max-lg:mb-4 lg:sticky lg:top-12 lg:max-h-[calc(100vh-3rem)] lg:self-start lg:overflow-y-auto lg:py-1 lg:pr-2">
          <Sidebar choices={choices} metric={metric ?? ""} />
        </aside>
        <main id="main" className="min-w-0">
          {metric === undefined ? (
            <NothingScored states={fetchTotals(store)} failures={fetchFailures(store)} />
          ) : (
            <CompareParts scope={scopeOf(store, view, metric)} view={view} choices={choices} />
          )}
        </main>
      </div>
      <TrialPanel />
    </ViewProvider>
  );
}
