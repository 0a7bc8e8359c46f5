/** @file Live: how far the run is, how fast it goes, what failed; it moves without reloading. */

import { EmptyStore } from "@/components/empty";
import { Freshness } from "@/components/freshness";
import { LiveBoard } from "@/components/live-board";
import { readLive } from "@/lib/live";
import { readStore } from "@/lib/read";

export const metadata = { title: "Live" };

export default async function Page() {
  const store = await readStore();
  const live = store === null ? null : readLive(store, Date.now());
  const empty = live === null || Object.keys(live.totals).length === 0;
  return (
    <main id="main" className="mx-auto max-w-6xl px-4 py-6 lg:px-6">
      {empty ? (
        <>
          <Freshness version={store?.generation ?? "none"} />
          <EmptyStore missing={store === null} />
        </>
      ) : (
        <LiveBoard first={live} />
      )}
    </main>
  );
}
