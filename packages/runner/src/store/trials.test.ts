import { expect, test } from "vitest";
import { type FinishedTrial, finishTrials } from "./finish.ts";
import { exampleTrial, makeExample } from "./make-example.ts";
import type { Store } from "./open.ts";
import { losses, predictions, scores, summaries, type TrialState, trials } from "./schema.ts";
import { StoreError } from "./store-error.ts";
import {
  claimTrials,
  failTrial,
  openTrials,
  planTrials,
  resetRunning,
  retryFailed,
  stateLookup,
} from "./trials.ts";

const finished = (environment: string, id = "trial-0"): FinishedTrial => ({
  ...{ id, environment, seconds: 0.5 },
  scores: [0.5, 1, 0.75].map((value, fold) => ({ metric: "accuracy", fold, value })),
});

/** Brings trial-0 to a state by the ways that lead there. */
const reach: Readonly<Record<TrialState, (store: Store, environment: string) => void>> = {
  pending: () => {},
  running: (store) => claimTrials(store, ["trial-0"]),
  done: (store, environment) => {
    claimTrials(store, ["trial-0"]);
    finishTrials(store, [finished(environment)]);
  },
  failed: (store) => {
    claimTrials(store, ["trial-0"]);
    failTrial(store, "trial-0", new Error("singular matrix"));
  },
};

const act: Readonly<Record<string, (store: Store, environment: string) => void>> = {
  running: (store) => claimTrials(store, ["trial-0"]),
  done: (store, environment) => finishTrials(store, [finished(environment)]),
  failed: (store) => failTrial(store, "trial-0", new Error("again")),
};

const refused: readonly (readonly [TrialState, string, string])[] = [
  ["pending", "done", "trial trial-0 is pending and can not become done, expected running"],
  ["pending", "failed", "trial trial-0 is pending and can not become failed, expected running"],
  [
    "running",
    "running",
    "trial trial-0 is running and can not become running, expected done or failed or pending",
  ],
  ["done", "running", "trial trial-0 is done and can not be changed"],
  ["done", "done", "trial trial-0 is done and can not be changed"],
  ["done", "failed", "trial trial-0 is done and can not be changed"],
  ["failed", "running", "trial trial-0 is failed and can not become running, expected pending"],
  ["failed", "done", "trial trial-0 is failed and can not become done, expected pending"],
  ["failed", "failed", "trial trial-0 is failed and can not become failed, expected pending"],
];

test.each(refused)("refuses to go from %s to %s, and changes nothing", (from, to, message) => {
  const { store, environment } = makeExample();
  reach[from](store, environment);
  const before = contents(store);
  const error = thrownBy(() => act[to]?.(store, environment));
  expect(error.message).toBe(message);
  expect(error.code).toBe("transition");
  expect(contents(store)).toEqual(before);
});

test("a trial that is not there is named", () => {
  const { store, environment } = makeExample();
  expect(() => claimTrials(store, ["3f2a9c"])).toThrow("trial 3f2a9c is not in the store");
  expect(() => finishTrials(store, [finished(environment, "3f2a9c")])).toThrow("3f2a9c is not in");
});

test("claiming several is all or nothing", () => {
  const { store } = makeExample();
  claimTrials(store, ["trial-1"]);
  expect(() => claimTrials(store, ["trial-0", "trial-1"])).toThrow(StoreError);
  expect(stateLookup(store)("trial-0")).toBe("pending");
});

test("a finished trial leaves scores, a summary, predictions and losses", () => {
  const { store, environment } = makeExample();
  claimTrials(store, ["trial-0"]);
  finishTrials(store, [
    {
      ...finished(environment),
      flags: ["not converged"],
      predictions: [{ fold: 0, predicted: Int32Array.of(0, 1), scores: Float32Array.of(0.25, 2) }],
      losses: [{ fold: 0, part: "train", epoch: 1, value: 0.7 }],
    },
  ]);
  const [trial] = store.drizzle.select().from(trials).all();
  expect(trial).toMatchObject({
    ...{ state: "done", attempts: 1, seconds: 0.5, environment, flags: '["not converged"]' },
  });
  expect(store.drizzle.select().from(scores).all()).toEqual([
    { trial: 1, metric: "accuracy", fold: 0, value: 0.5 },
    { trial: 1, metric: "accuracy", fold: 1, value: 1 },
    { trial: 1, metric: "accuracy", fold: 2, value: 0.75 },
  ]);
  // mean 0.75, std 0.25; each fold tests 2 rows and trains on 4; t(2 degrees, 97.5 %) = 4.302653
  const margin = 4.302653 * 0.25 * Math.sqrt(1 / 3 + 2 / 4);
  const [summary] = store.drizzle.select().from(summaries).all();
  expect(summary).toMatchObject({ trial: 1, metric: "accuracy", folds: 3, mean: 0.75, std: 0.25 });
  expect(margin).toBeGreaterThan(0.75); // so the interval is cut at both ends of what an accuracy can be
  expect([summary?.low, summary?.high]).toEqual([0, 1]);
  const [prediction] = store.drizzle.select().from(predictions).all();
  expect(prediction?.predicted).toEqual(Buffer.from([0, 0, 0, 0, 1, 0, 0, 0]));
  expect(prediction?.scores).toEqual(Buffer.from([0, 0, 0x80, 0x3e, 0, 0, 0, 0x40]));
  expect(store.drizzle.select().from(losses).all()).toEqual([
    { trial: 1, fold: 0, part: "train", epoch: 1, value: 0.7 },
  ]);
});

test("one bad trial of a batch leaves nothing of the batch behind", () => {
  const { store, environment } = makeExample();
  claimTrials(store, ["trial-0"]);
  const batch = [finished(environment), finished(environment, "trial-1")];
  expect(() => finishTrials(store, batch)).toThrow("trial trial-1 is pending");
  expect(stateLookup(store)("trial-0")).toBe("running");
  expect(store.drizzle.select().from(scores).all()).toEqual([]);
});

const bad: readonly (readonly [string, Partial<FinishedTrial>, string])[] = [
  [
    "a score that is NaN",
    { scores: [{ metric: "auc", fold: 1, value: Number.NaN }] },
    "trial trial-0: auc of fold 1: expected a finite number, got NaN",
  ],
  [
    "an infinite loss",
    { losses: [{ fold: 0, part: "train", epoch: 3, value: Number.POSITIVE_INFINITY }] },
    "trial trial-0: train loss of fold 0, epoch 3: expected a finite number, got Infinity",
  ],
  [
    "a prediction that is NaN",
    { predictions: [{ fold: 2, predicted: Float32Array.of(1, Number.NaN) }] },
    "trial trial-0: prediction of fold 2[1]: expected a finite number, got NaN",
  ],
  ["no score at all", { scores: [] }, "trial trial-0: expected at least one score, got none"],
  [
    "a score given twice",
    { scores: [0, 1].map((value) => ({ metric: "f1", fold: 0, value })) },
    "trial trial-0: f1 of fold 0 is given twice",
  ],
];

test.each(bad)("refuses %s", (_, part, message) => {
  const { store, environment } = makeExample();
  claimTrials(store, ["trial-0"]);
  expect(thrownBy(() => finishTrials(store, [{ ...finished(environment), ...part }])).message).toBe(
    message,
  );
  expect(stateLookup(store)("trial-0")).toBe("running");
});

test("a failure keeps its message and stack, and a retry makes it pending once more", () => {
  const { store, experiment, environment } = makeExample();
  reach.failed(store, environment);
  const row = () => store.drizzle.select().from(trials).all()[0];
  expect(row()).toMatchObject({ state: "failed", error: "singular matrix", attempts: 1 });
  expect(row()?.stack).toMatch(/^Error: singular matrix\n +at /);
  expect(retryFailed(store, experiment)).toBe(1);
  expect(row()).toMatchObject({ state: "pending", error: null, stack: null });
  claimTrials(store, ["trial-0"]);
  finishTrials(store, [finished(environment)]);
  expect(row()).toMatchObject({ state: "done", attempts: 2, error: null });
  expect(retryFailed(store, experiment)).toBe(0);
});

test("at start, what was left running becomes pending", () => {
  const { store, environment } = makeExample();
  reach.done(store, environment);
  claimTrials(store, ["trial-1", "trial-2"]);
  expect(resetRunning(store)).toEqual({ trials: 2, runs: 0 });
  expect(["trial-0", "trial-1", "trial-2"].map(stateLookup(store))).toEqual([
    "done",
    "pending",
    "pending",
  ]);
});

test("planning again changes nothing, and a changed grid replaces the old one without losing scores", () => {
  const { store, experiment, environment } = makeExample();
  reach.done(store, environment);
  const grid = (...layers: number[]) => layers.map((layer) => exampleTrial(layer));
  expect(planTrials(store, experiment, grid(0, 1, 2))).toEqual({ added: 0, known: 3, removed: 0 });
  expect(planTrials(store, experiment, grid(1, 3))).toEqual({ added: 1, known: 1, removed: 2 });
  const ids = [...openTrials(store, experiment, ["pending", "done"])].map((trial) => trial.id);
  expect(ids).toEqual(["trial-1", "trial-3"]);
  expect(planTrials(store, experiment, grid(0))).toEqual({ added: 0, known: 1, removed: 2 });
  expect(stateLookup(store)("trial-0")).toBe("done");
});

test("the same point twice in a grid is one trial", () => {
  const { store, experiment } = makeExample(1);
  const twice = [exampleTrial(0), exampleTrial(0)];
  expect(planTrials(store, experiment, twice)).toEqual({ added: 0, known: 1, removed: 0 });
});

test("pages through more trials than one page holds, once each and in order", () => {
  const { store, experiment } = makeExample(2500);
  const layers = [...openTrials(store, experiment)].map((trial) => trial.layerIndex);
  expect(layers).toEqual(Array.from({ length: 2500 }, (_, layer) => layer));
});

test("says so when the disk is full, and keeps what was finished", () => {
  const { store, experiment, environment } = makeExample();
  reach.done(store, environment);
  store.sqlite.pragma(`max_page_count = ${store.sqlite.pragma("page_count", { simple: true })}`);
  const many = Array.from({ length: 5000 }, (_, layer) => exampleTrial(layer));
  const error = thrownBy(() => planTrials(store, experiment, many));
  expect(error.code).toBe("disk-full");
  expect(error.message).toMatch("no space left on the disk");
  expect(stateLookup(store)("trial-0")).toBe("done");
});

function contents(store: Store): readonly unknown[] {
  return [trials, scores, summaries].map((table) => store.drizzle.select().from(table).all());
}

function thrownBy(action: () => unknown): StoreError {
  try {
    action();
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  throw new Error("expected a StoreError, nothing was thrown");
}
