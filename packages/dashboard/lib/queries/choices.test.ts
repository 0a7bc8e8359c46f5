import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { finishTrials } from "../../../runner/src/store/finish.ts";
import { exampleTrial, makeExample } from "../../../runner/src/store/make-example.ts";
import { claimTrials, planTrials } from "../../../runner/src/store/trials.ts";
import { openStore } from "../store.ts";
import { loadView } from "../view.ts";
import { fetchMetrics, metricsWithin } from "./choices.ts";
import { scopeOf } from "./scope.ts";

const folder = mkdtempSync(join(tmpdir(), "probegrid-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("exports no metric that no trial of the view has", () => {
  const file = join(folder, "store.db");
  const { store: writer, experiment, environment } = makeExample(0, file);
  const metrics = { cls: "accuracy", mean: "auc" };
  for (const [token, metric] of Object.entries(metrics)) {
    planTrials(writer, experiment, [exampleTrial(0, { id: token, token })]);
    claimTrials(writer, [token]);
    const scores = [{ metric, fold: 0, value: 0.5 }];
    finishTrials(writer, [{ id: token, environment, seconds: 1, scores }]);
  }
  writer.close();
  process.env.PROBEGRID_STORE = file;
  const store = openStore();
  if (store === null) throw new Error("internal: the store was not made");
  const known = fetchMetrics(store);
  const within = (view: object) =>
    metricsWithin(scopeOf(store, { ...loadView({}), ...view }, "accuracy"), known);
  expect(within({})).toEqual(["accuracy", "auc"]);
  expect(within({ token: ["mean"] })).toEqual(["auc"]);
});
