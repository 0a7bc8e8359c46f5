/** @file The state of things, asked for every second by the Live page. */

import { readLive } from "@/lib/live";
import { readStore } from "@/lib/read";

export async function GET(): Promise<Response> {
  const store = await readStore();
  return Response.json(store === null ? null : readLive(store, Date.now()));
}
