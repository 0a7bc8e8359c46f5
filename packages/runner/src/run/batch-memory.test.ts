/** @file A device whose memory is short: a run goes on with half the batch, and the next one begins with what fitted. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createInlineExecutor, type Executor, type JobOptions } from "../executor.ts";
import { loadExperiment } from "../experiment.ts";
import type { EncodeWork } from "../jobs/encode.ts";
import type { JobKind, JobResult, Work } from "../jobs/index.ts";
import { createLog } from "../log.ts";
import { experimentFields, makeExperimentFolder } from "../make-experiment.ts";
import { runExperiment } from "../run.ts";
import { openStore, readStatus } from "../store/index.ts";

/** Computes on the CPU what is meant for a device that holds so many tokens; tells which batches were tried. */
function shortOf(most: number): Executor & { readonly tried: number[] } {
  const inline = createInlineExecutor();
  const tried: number[] = [];
  return {
    ...inline,
    tried,
    run: async <K extends JobKind>(
      kind: K,
      work: Work<K>,
      options?: JobOptions<K>,
    ): Promise<JobResult<K>> => {
      if (kind !== "encode") return await inline.run(kind, work, options);
      const { batchTokens } = work as EncodeWork;
      tried.push(batchTokens);
      if (batchTokens > most) throw new Error("Failed to allocate memory for requested buffer");
      return await inline.run(kind, { ...work, device: "cpu" } as Work<K>, options);
    },
  };
}

test("halves the batch until it fits, and remembers that for the next run", async () => {
  const { write, places } = makeExperimentFolder();
  const run = async (limit: number): Promise<readonly number[]> => {
    const datasets = [{ path: "texts.jsonl", limit }];
    const executor = shortOf(5000);
    const outcome = await runExperiment(
      await loadExperiment(write("e.json", experimentFields({ datasets }))),
      {
        ...{ ...places, device: "webgpu", workers: 1, failFast: false, command: "test" },
        createExecutor: () => executor,
        log: createLog({ out: { write: () => true }, live: { write: () => true } }),
        stop: new AbortController(),
      },
    );
    expect(outcome).toBe("done");
    return executor.tried;
  };
  expect(await run(60)).toEqual([16_384, 8192, 4096]);
  expect(readFileSync(join(places.cache, "batch-sizes.json"), "utf8")).toContain("4096");
  expect(await run(40)).toEqual([4096]);
  using store = openStore(places.store, { readonly: true });
  expect(readStatus(store).experiments[0]?.counts).toMatchObject({ failed: 0, pending: 0 });
});
