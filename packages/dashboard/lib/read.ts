/** @file The one door to data for pages and routes: checks access for itself, then opens the store. */

import { headers } from "next/headers";
import { processGuard, refusal } from "./access.ts";
import { fetchMetrics } from "./queries/choices.ts";
import { isRead, openStore, refreshScores, refreshStore, type Store } from "./store.ts";

/** The store of an allowed request, null while there is no file; throws where the server in front should have refused. */
export async function readStore(): Promise<Store | null> {
  await checkAccess();
  await reading();
  return openStore();
}

async function checkAccess(): Promise<void> {
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
}

/** Milliseconds a page waits for a store before it says that it is being read. */
const patience = 150;

/** The same for a page that has something to say meanwhile: "reading" where the first time takes longer than a moment. */
export async function readStoreSoon(): Promise<Store | null | "reading"> {
  if (isRead()) return readStore();
  await checkAccess();
  const late = new Promise<"reading">((tell) => setTimeout(() => tell("reading"), patience));
  const first = await Promise.race([reading(), late]);
  return first === "reading" ? first : openStore();
}

function reading(): Promise<void> {
  keeper.probegridReading ??= readInSteps().finally(() => {
    keeper.probegridReading = undefined;
  });
  return keeper.probegridReading;
}

/** Every page has its own copy of this module; only one of them may be reading. */
const keeper = globalThis as typeof globalThis & { probegridReading?: Promise<void> | undefined };

/** Reads a store that is new or has changed; between two steps other requests are answered. */
async function readInSteps(): Promise<void> {
  await eachInTurn(refreshStore());
  const store = openStore();
  const metric = store === null ? undefined : fetchMetrics(store)[0];
  if (metric !== undefined) await eachInTurn(refreshScores(metric));
}

async function eachInTurn(steps: Generator<void, unknown>): Promise<void> {
  while (steps.next().done !== true) await new Promise((next) => setImmediate(next));
}
