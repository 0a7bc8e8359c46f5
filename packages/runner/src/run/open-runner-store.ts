/** @file Opens the store for a run; leaves, or waits when asked to, while another run has it. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../log.ts";
import { openStore, type Store, StoreError } from "../store/index.ts";

const patience = 500; // milliseconds between attempts

type Options = {
  readonly log: Log;
  readonly stop: AbortController;
  readonly join?: boolean | undefined;
};

/** The store with the one-runner lock held. Only who joins waits for it; an interrupt ends that. */
export async function openRunnerStore(
  file: string,
  { log, stop, join = false }: Options,
): Promise<Store> {
  for (let attempt = 0; ; attempt++) {
    try {
      const store = openStore(file, { runner: true });
      for (const warning of store.warnings) log.line(warning);
      return store;
    } catch (error) {
      const locked = error instanceof StoreError && error.code === "locked";
      if (!locked || stop.signal.aborted) throw error;
      if (!join) {
        const advice = "wait for its end, or run with --join to go on when it has ended";
        throw new StoreError("locked", `${error.message}; ${advice}`, { cause: error });
      }
      if (attempt === 0) log.line(`${error.message}; waiting for it to end, Ctrl-C gives up`);
      await sleep(patience);
    }
  }
}
