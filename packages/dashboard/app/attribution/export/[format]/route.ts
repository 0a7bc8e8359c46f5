/** @file Every token score of the chosen dataset, model and target as a file, streamed. */

import type { NextRequest } from "next/server";
import { csvOfScores, jsonOfScores } from "@/lib/attribution-lines";
import { loadAttributionView } from "@/lib/attribution-view";
import { chooseGroup, fetchGroups, shownMethods } from "@/lib/queries/attribution-groups";
import { readStore } from "@/lib/read";
import { streamOf } from "@/lib/stream-lines";

const types = {
  csv: { type: "text/csv", lines: csvOfScores },
  jsonl: { type: "application/jsonl", lines: jsonOfScores },
} as const;

type Context = { readonly params: Promise<{ format: string }> };

export async function GET(request: NextRequest, { params }: Context): Promise<Response> {
  const { format } = await params;
  if (format !== "csv" && format !== "jsonl") {
    return Response.json({ error: "export: expected one of csv, jsonl" }, { status: 404 });
  }
  const view = loadAttributionView(request.nextUrl.searchParams);
  const store = await readStore();
  const group = store === null ? undefined : chooseGroup(fetchGroups(store), view);
  if (store === null || group === undefined) {
    return Response.json({ error: "export: no text has been explained yet" }, { status: 404 });
  }
  const { type, lines } = types[format];
  return new Response(streamOf(lines({ store, group, methods: shownMethods(group, view) })), {
    headers: {
      "Content-Type": `${type}; charset=utf-8`,
      "Content-Disposition": `attachment; filename="attributions.${format}"`,
      "Cache-Control": "no-store",
    },
  });
}
