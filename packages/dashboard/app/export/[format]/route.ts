/** @file The trials of a view as a file: every row that the table would show, in its order, streamed. */

import type { NextRequest } from "next/server";
import { usualColumns } from "@/lib/columns";
import {
  csvOfFolds,
  csvOfTrials,
  foldExportOf,
  jsonOfTrials,
  latexOfTrials,
} from "@/lib/export-lines";
import type { FoldWork } from "@/lib/fold-lines";
import { fetchMetrics, metricsWithin } from "@/lib/queries/choices";
import { type Scope, scopeOf } from "@/lib/queries/scope";
import { readStore } from "@/lib/read";
import { streamOf, streamOfPieces } from "@/lib/stream-lines";
import { loadView, type View } from "@/lib/view";

const types = {
  csv: "text/csv",
  json: "application/json",
  tex: "application/x-tex",
  "folds.csv": "text/csv",
} as const;

type Maker = (
  scope: Scope,
  view: View,
  metrics: readonly string[],
) => Iterator<string | Uint8Array>;

const makers: { readonly [K in keyof typeof types]: Maker } = {
  csv: csvOfTrials,
  json: jsonOfTrials,
  tex: (scope, view) => latexOfTrials(scope, view, view.columns ?? usualColumns),
  "folds.csv": csvOfFolds,
};

type Context = { readonly params: Promise<{ format: string }> };

export async function GET(request: NextRequest, { params }: Context): Promise<Response> {
  const { format } = await params;
  if (!isFormat(format)) {
    const known = Object.keys(types).join(", ");
    return Response.json({ error: `export: expected one of ${known}` }, { status: 404 });
  }
  const view = loadView(request.nextUrl.searchParams);
  const store = await readStore();
  if (store === null)
    return Response.json({ error: "export: there is no store yet" }, { status: 404 });
  const known = fetchMetrics(store);
  const metric = known.find((name) => name === view.metric) ?? known[0] ?? "accuracy";
  const scope = scopeOf(store, view, metric);
  const metrics = metricsWithin(scope, known);
  const body =
    (format === "folds.csv" ? foldsOfThreads(scope, view, metrics) : null) ??
    streamOf(makers[format](scope, view, metrics));
  return new Response(body, {
    headers: {
      "Content-Type": `${types[format]}; charset=utf-8`,
      "Content-Disposition": `attachment; filename="trials.${format}"`,
      "Cache-Control": "no-store, no-transform", // packing a hundred megabytes takes longer than making them
    },
  });
}

/** Scores from here on are worth threads of their own, which take a quarter of a second to start. */
const manyScores = 500_000;

/** The server knows how to start threads; the pages, being bundled, do not. */
const { probegridFoldThreads: threads } = globalThis as typeof globalThis & {
  readonly probegridFoldThreads?: (file: string, work: FoldWork) => AsyncGenerator<Uint8Array>;
};

/** The CSV of very many folds, null where this thread makes it as fast. */
function foldsOfThreads(scope: Scope, view: View, metrics: readonly string[]) {
  const { heading, ...work } = foldExportOf(scope, view, metrics);
  const scores = work.keys.length * metrics.length * work.folds;
  if (threads === undefined || scores < manyScores) return null;
  return streamOfPieces(heading, threads(scope.store.file, work));
}

function isFormat(format: string): format is keyof typeof types {
  return Object.hasOwn(types, format);
}
