/** @file Which version of the data the store holds; pages ask for it to know when to redraw. */

import { readStore } from "@/lib/read";

export async function GET(): Promise<Response> {
  const store = await readStore();
  return Response.json({ version: store?.generation ?? "none" });
}
