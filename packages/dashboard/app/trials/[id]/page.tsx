/** @file One trial. */

import { notFound } from "next/navigation";
import { Freshness } from "@/components/freshness";
import { TrialTitle } from "@/components/trial-title";
import { TrialView } from "@/components/trial-view";
import { readStore } from "@/lib/read";
import { reportTrial } from "@/lib/trial-report";

type Props = { readonly params: Promise<{ id: string }> };

export const metadata = { title: "Trial" };

export default async function Page({ params }: Props) {
  const { id } = await params;
  const store = await readStore();
  const report = store === null ? null : reportTrial(store, id);
  if (report === null) notFound();
  const unfinished = report.facts.state === "pending" || report.facts.state === "running";
  return (
    <main id="main" className="mx-auto max-w-6xl space-y-4 px-4 py-6 lg:px-6">
      {unfinished && <Freshness version={store?.generation ?? "none"} />}
      <TrialTitle facts={report.facts} />
      <TrialView report={report} />
    </main>
  );
}
