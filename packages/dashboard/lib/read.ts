/** @file The one door to data for pages and routes: checks access for itself, then opens the store. */

import { headers } from "next/headers";
import { processGuard, refusal } from "./access.ts";
import { openStore, type Store } from "./store.ts";

/** The store of an allowed request, null while there is no file; throws where the server in front should have refused. */
export async function readStore(): Promise<Store | null> {
  const asked = await headers();
  const refused = refusal(
    {
      host: asked.get("host") ?? undefined,
      cookie: asked.get("cookie") ?? undefined,
      authorization: asked.get("authorization") ?? undefined,
    },
    processGuard(),
  );
  if (refused !== null) throw new Error(`access refused with ${refused}`);
  return openStore();
}
