/** @file The trials of a view as a file: every row that the table would show, in its order, streamed. */

import type { NextRequest } from "next/server";
import { usualColumns } from "@/lib/columns";
import { csvOfFolds, csvOfTrials, jsonOfTrials, latexOfTrials } from "@/lib/export-lines";
import { fetchMetrics } from "@/lib/queries/choices";
import { type Scope, scopeOf } from "@/lib/queries/scope";
import { readStore } from "@/lib/read";
import { streamOf } from "@/lib/stream-lines";
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
  const metrics = fetchMetrics(store);
  const metric = metrics.find((name) => name === view.metric) ?? metrics[0] ?? "accuracy";
  const lines = makers[format](scopeOf(store, view, metric), view, metrics);
  return new Response(streamOf(lines), {
    headers: {
      "Content-Type": `${types[format]}; charset=utf-8`,
      "Content-Disposition": `attachment; filename="trials.${format}"`,
      "Cache-Control": "no-store, no-transform", // packing a hundred megabytes takes longer than making them
    },
  });
}

function isFormat(format: string): format is keyof typeof types {
  return Object.hasOwn(types, format);
}
