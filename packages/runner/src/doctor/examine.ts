/** @file Examines everything a run depends on. */

import { dirname } from "node:path";
import { examineCache } from "./cache.ts";
import { examineDevices } from "./devices.ts";
import { examineDisks } from "./disk.ts";
import type { Finding } from "./finding.ts";
import { examineSecondOpinion } from "./second-opinion.ts";
import { examineSoftware } from "./software.ts";
import { examineStore } from "./store.ts";

/** Findings one after the other, as they are made. */
export async function* examine(options: {
  readonly store: string;
  readonly cache: string;
}): AsyncGenerator<Finding> {
  const { store, cache } = options;
  yield* examineSoftware();
  yield* await examineDevices();
  yield* await examineSecondOpinion();
  yield* examineDisks({ store: dirname(store), cache });
  yield* examineStore(store);
  yield* await examineCache(cache);
}
