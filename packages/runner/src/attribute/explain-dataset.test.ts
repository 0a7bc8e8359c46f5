/** @file A text that ends its worker has no answer; the texts beside it do. */

import { expect, it } from "vitest";
import { openCheckpoint } from "../checkpoint.ts";
import { createInlineExecutor, type Executor } from "../executor.ts";
import type { AttributeWork } from "../jobs/attribute.ts";
import type { JobKind, JobResult, Work } from "../jobs/index.ts";
import type { AttributionRecord } from "../store/index.ts";
import { LostWorker } from "../supervisor/lost-worker.ts";
import { type DatasetWork, explainDataset } from "./explain-dataset.ts";
import { readMethods } from "./methods.ts";

const folder = new URL("../../../../test/fixtures/models/bert-classification", import.meta.url);
const settings: DatasetWork["settings"] = {
  checkpoint: await openCheckpoint(folder.pathname),
  methods: readMethods("gradient,lat"),
  wanted: { kind: "predicted" },
  truncation: "end",
  device: "cpu",
  ...{ maxTokens: null, measures: null },
};
const rows = ["the a", "a", "of the", "and"].map((text, row) => {
  return { row, text, textPair: null, label: null, checked: false };
});

/** Loses the worker whenever a row is among the work, as a native crash does. */
function crashingAt(row: number): Executor & { readonly asked: number[][] } {
  const inline = createInlineExecutor();
  const asked: number[][] = [];
  return {
    ...inline,
    asked,
    run: async <K extends JobKind>(kind: K, work: Work<K>): Promise<JobResult<K>> => {
      const own = (work as AttributeWork).rows.map((one) => one.row);
      asked.push(own);
      if (own.includes(row)) throw new LostWorker("died", "worker was ended by SIGSEGV");
      return await inline.run(kind, work);
    },
  };
}

async function explain(executor: Executor): Promise<readonly (readonly AttributionRecord[])[]> {
  const found: AttributionRecord[][] = [[], []];
  await explainDataset(
    { settings, rows, together: 2 },
    {
      ...{ executor, stop: new AbortController().signal },
      record: (more) => more.forEach((records, method) => void found[method]!.push(...records)),
    },
  );
  return found.map((records) => records.sort((a, b) => a.row - b.row));
}

it("gives every row to every method", async () => {
  const [gradient, tracing] = await explain(createInlineExecutor());
  expect(gradient!.map(({ row, error }) => [row, error])).toEqual(
    [0, 1, 2, 3].map((r) => [r, null]),
  );
  expect(tracing!.map(({ tokens }) => tokens.length)).toEqual([4, 3, 4, 3]);
});

it("tries the rows of a lost worker alone and marks the one at fault", async () => {
  const executor = crashingAt(2);
  const [gradient, tracing] = await explain(executor);
  expect(executor.asked).toEqual([[0, 1], [2, 3], [2], [3]]);
  for (const records of [gradient!, tracing!]) {
    expect(records.map(({ error }) => error)).toEqual([
      ...[null, null],
      "worker was ended by SIGSEGV (tried again alone, with the same end)",
      null,
    ]);
  }
  const [calm] = await explain(createInlineExecutor());
  expect(gradient![3]).toEqual(calm![3]);
});
