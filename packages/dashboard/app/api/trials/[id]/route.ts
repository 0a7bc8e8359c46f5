/** @file The report of a trial, for the panel beside the table. */

import { readStore } from "@/lib/read";
import { reportTrial } from "@/lib/trial-report";

type Context = { readonly params: Promise<{ id: string }> };

export async function GET(_request: Request, { params }: Context): Promise<Response> {
  const { id } = await params;
  const store = await readStore();
  const report = store === null ? null : reportTrial(store, id);
  return report === null
    ? Response.json({ error: "no such trial" }, { status: 404 })
    : Response.json(report);
}
