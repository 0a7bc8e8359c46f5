/** @file Attribution: a text coloured by every method side by side, their faithfulness, and scores by layer. */

import Link from "next/link";
import { Command, Empty } from "@/components/empty";
import { Freshness } from "@/components/freshness";
import { readStore } from "@/lib/read";
import { fetchMethods, fetchPairs, fetchRows, fetchText } from "./fetch";
import { FaithfulnessTable, LayerTable, Sentences } from "./parts";

type Search = Promise<{ pair?: string; row?: string; pieces?: string }>;

export const metadata = { title: "Attribution" };

export default async function Page({ searchParams }: { searchParams: Search }) {
  const asked = await searchParams;
  const store = await readStore();
  const pairs = store === null ? [] : fetchPairs(store);
  const pair = pairs.find(({ key }) => key === asked.pair) ?? pairs[0];
  if (store === null || pair === undefined) {
    return (
      <main id="main" className="px-4">
        <Freshness version={store?.generation ?? "none"} />
        <Empty title="No text has been explained yet">
          <p>An experiment of kind "attribute" explains texts and measures every method:</p>
          <Command>npx probegrid run experiments/word-deletion.ts</Command>
        </Empty>
      </main>
    );
  }
  const methods = fetchMethods(store, pair.key);
  const rows = fetchRows(store, pair.key);
  const at = Math.max(0, rows.indexOf(Number(asked.row ?? rows[0])));
  const row = rows[at];
  const merged = asked.pieces === undefined;
  const shown = row === undefined ? [] : fetchText(store, methods, row);
  const first = shown[0]?.record;
  const link = (change: { pair?: string; row?: number | undefined; pieces?: boolean }) => {
    const query = new URLSearchParams({ pair: change.pair ?? pair.key });
    const to = "pair" in change ? undefined : (change.row ?? row);
    if (to !== undefined) query.set("row", String(to));
    if (change.pieces ?? !merged) query.set("pieces", "1");
    return `/attribution?${query}`;
  };
  return (
    <main id="main" className="mx-auto max-w-6xl space-y-4 px-4 py-6 lg:px-6">
      <Freshness version={store.generation} />
      <h1 className="text-xl font-semibold tracking-tight">Which words decide</h1>
      <nav aria-label="Dataset and model" className="flex flex-wrap gap-2 text-[13px]">
        {pairs.map(({ key, dataset, model }) => (
          <Link
            key={key}
            href={link({ pair: key })}
            aria-current={key === pair.key ? "page" : undefined}
            className={
              key === pair.key ? "rounded bg-sunk px-2 py-1 font-medium" : "link px-2 py-1"
            }
          >
            {dataset}, {model}
          </Link>
        ))}
      </nav>
      <FaithfulnessTable methods={methods} />
      <div className="flex flex-wrap items-baseline gap-4 text-[13px]">
        <p>
          Text {rows.length === 0 ? 0 : at + 1} of {rows.length}
          {first !== undefined && (
            <>
              {" "}
              (row {row}): explained <b>{first.target}</b>, predicted <b>{first.predicted}</b>
            </>
          )}
        </p>
        {at > 0 && (
          <Link className="link" href={link({ row: rows[at - 1] })}>
            Previous
          </Link>
        )}
        {at < rows.length - 1 && (
          <Link className="link" href={link({ row: rows[at + 1] })}>
            Next
          </Link>
        )}
        <Link className="link" href={link({ pieces: merged })}>
          {merged ? "Show the pieces of words" : "Join the pieces of words"}
        </Link>
      </div>
      <Sentences shown={shown} merged={merged} />
      {shown.map((one) => (
        <LayerTable key={one.label} shown={one} merged={merged} />
      ))}
    </main>
  );
}
