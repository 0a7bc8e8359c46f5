import { expect, test } from "vitest";
import { finishTrials } from "./finish.ts";
import { makeExample } from "./make-example.ts";
import { readResults } from "./results.ts";
import { claimTrials } from "./trials.ts";
import { recordBaselines } from "./write.ts";

test("results say the baselines of each metric beside the scores", () => {
  const { store, environment } = makeExample();
  const [split] = store.sqlite.prepare<[], string>("select id from splits").pluck().all();
  recordBaselines(store, split ?? "", [
    { name: "majority", metric: "accuracy", fold: 0, value: 0.5 },
    { name: "majority", metric: "accuracy", fold: 1, value: 0.25 },
    { name: "bag of words", metric: "accuracy", fold: 0, value: 0.75 },
  ]);
  claimTrials(store, ["trial-0"]);
  const scores = ["accuracy", "auc"].map((metric) => ({ metric, fold: 0, value: 1 }));
  finishTrials(store, [{ id: "trial-0", environment, seconds: 1, scores }]);
  const found = [...readResults(store)].map(({ metric, baselines }) => [metric, baselines]);
  expect(found).toEqual([
    ["accuracy", { majority: 0.375, "bag of words": 0.75 }],
    ["auc", {}],
  ]);
});
