/** @file What stands in place of Compare while a large store is read for the first time. */

"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";

/** Grey shapes of the controls, the charts and the table, and a word about why. */
export function Reading() {
  const router = useRouter();
  useEffect(() => {
    let gone = false;
    const wait = async () => {
      // Answered once the store has been read.
      const answer = await fetch("/api/version").catch(() => null);
      if (gone) return;
      if (answer?.ok === true) router.refresh();
      else setTimeout(() => void wait(), 1000);
    };
    void wait();
    return () => {
      gone = true;
    };
  }, [router]);
  return (
    <div className="mx-auto grid max-w-[1640px] gap-x-8 px-4 py-5 lg:grid-cols-[232px_minmax(0,1fr)] lg:px-6">
      <div className="space-y-3 max-lg:hidden" aria-hidden="true">
        {[6, 24, 40, 28].map((height) => (
          <div key={height} className="rounded-lg bg-sunk" style={{ height: `${height * 4}px` }} />
        ))}
      </div>
      <main id="main" className="min-w-0 space-y-4" aria-busy="true">
        <p role="status" className="text-soft">
          Reading the store…
        </p>
        {[360, 420].map((height) => (
          <div key={height} aria-hidden="true" className="rounded-xl bg-sunk" style={{ height }} />
        ))}
      </main>
    </div>
  );
}
