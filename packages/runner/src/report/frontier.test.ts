import { expect, test } from "vitest";
import { finishTrials } from "../store/finish.ts";
import { exampleTrial, makeExample } from "../store/make-example.ts";
import { claimTrials, planTrials } from "../store/trials.ts";
import { frontier, readFrontier } from "./frontier.ts";

/** Accuracy and control accuracy of probes of growing capacity. */
const probes = {
  "hidden=[4]": [0.8, 0.5], // selectivity 0.3
  "hidden=[8]": [0.85, 0.6], // 0.25
  "hidden=[9]": [0.82, 0.6], // 0.22: hidden=[8] has more of both
  "hidden=[64]": [0.9, 0.85], // 0.05
  "hidden=[2]": [0.7, 0.45], // 0.25: hidden=[4] has more of both
} as const;

test("keeps the probes that no other one beats in accuracy and selectivity", () => {
  const { store, experiment, environment } = makeExample(0);
  const names = Object.keys(probes);
  planTrials(
    store,
    experiment,
    names.map((options) => exampleTrial(1, { id: options, classifier: "mlp", options })),
  );
  claimTrials(store, names);
  finishTrials(
    store,
    Object.entries(probes).map(([id, [accuracy, controlAccuracy]]) => ({
      ...{ id, environment, seconds: 1 },
      scores: Object.entries({
        accuracy,
        controlAccuracy,
        selectivity: accuracy - controlAccuracy,
      }).map(([metric, value]) => ({ metric, fold: 0, value })),
    })),
  );
  expect(readFrontier(store, "layers").map(({ classifier }) => classifier)).toEqual([
    "mlp hidden=[64]",
    "mlp hidden=[8]",
    "mlp hidden=[4]",
  ]);
  expect(frontier(store, "layers")?.text).toContain("<td>mlp hidden=[8]</td>");
  expect(frontier(makeExample().store, "layers")).toBe(null);
});
