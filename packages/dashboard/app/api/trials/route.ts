/** @file A window of the table of trials, fetched while scrolling. */

import type { NextRequest } from "next/server";
import { fetchMetrics } from "@/lib/queries/choices";
import { scopeOf } from "@/lib/queries/scope";
import { fetchTrials } from "@/lib/queries/table";
import { readStore } from "@/lib/read";
import { loadView } from "@/lib/view";

export async function GET(request: NextRequest): Promise<Response> {
  const query = request.nextUrl.searchParams;
  const view = loadView(query);
  for (const name of ["sort", "order"] as const) {
    const asked = query.get(name);
    if (asked !== null && asked !== view[name]) {
      return Response.json(
        { error: `trials: unknown ${name}, got ${JSON.stringify(asked)}` },
        { status: 400 },
      );
    }
  }
  const [offset, limit] = [whole(query.get("offset"), 0), whole(query.get("limit"), 100)];
  const store = await readStore();
  if (store === null) return Response.json({ total: 0, rows: [] });
  const metrics = fetchMetrics(store);
  const metric = metrics.find((name) => name === view.metric) ?? metrics[0] ?? "accuracy";
  return Response.json(fetchTrials(scopeOf(store, view, metric), view, { offset, limit }));
}

/** A whole number from a query, the usual one where it is none. */
function whole(text: string | null, usual: number): number {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : usual;
}
