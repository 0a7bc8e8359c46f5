/** @file The scatter of sizes, on a store with a model that nobody has looked at. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { finishTrials } from "../../../runner/src/store/finish.ts";
import { exampleTrial, makeExample } from "../../../runner/src/store/make-example.ts";
import { claimTrials, planTrials } from "../../../runner/src/store/trials.ts";
import { recordModel } from "../../../runner/src/store/write.ts";
import { openStore } from "../store.ts";
import { loadView } from "../view.ts";
import { fetchSizes } from "./compare.ts";
import { scopeOf } from "./scope.ts";
import { fetchTrials } from "./table.ts";

const folder = mkdtempSync(join(tmpdir(), "probegrid-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("draws the best layer of each line, and no model whose size is not known", () => {
  const file = join(folder, "store.db");
  const { store, experiment, environment } = makeExample(0, file);
  recordModel(store, {
    ...{ id: "model-2", name: "unheard-of", path: "unheard-of", architecture: "unknown" },
    ...{ layers: 0, width: 0, parameters: 0, dtype: "unknown", bytes: 0 },
  });
  const scores = { a0: 0.5, a1: 0.75, b0: 0.875 };
  planTrials(store, experiment, [
    exampleTrial(0, { id: "a0" }),
    exampleTrial(1, { id: "a1" }),
    exampleTrial(0, { id: "b0", model: "model-2" }),
  ]);
  claimTrials(store, Object.keys(scores));
  finishTrials(
    store,
    Object.entries(scores).map(([id, value]) => ({
      ...{ id, environment, seconds: 1, scores: [{ metric: "accuracy", fold: 0, value }] },
    })),
  );
  store.close();
  process.env.PROBEGRID_STORE = file;
  const opened = openStore();
  if (opened === null) throw new Error("internal: the store was not made");
  const view = loadView({});
  const scope = scopeOf(opened, view, "accuracy");
  const { drawn, total, unknown } = fetchSizes(scope, view);
  expect(drawn).toMatchObject([{ mean: 0.75, parameters: 1000, values: { model: "demo-bert" } }]);
  expect([total, unknown]).toEqual([1, 1]);
  const { rows } = fetchTrials(scope, view, { offset: 0, limit: 9 });
  expect(rows.map(({ trial, parameters }) => [trial, parameters])).toEqual([
    ...[
      ["b0", null],
      ["a1", 1000],
      ["a0", 1000],
    ],
  ]);
});
