import { expect, test } from "vitest";
import { type Example, makeExample } from "./make-example.ts";
import { readExperiments } from "./read.ts";
import {
  finishRun,
  noteExperiment,
  recordProgress,
  startRun,
  tagExperiment,
  untagExperiment,
} from "./runs.ts";
import { runs } from "./schema.ts";
import { resetRunning } from "./trials.ts";

const start = ({ store, experiment, environment }: Example) =>
  startRun(store, {
    ...{ experiment, environment, command: "probegrid run a.json", device: "cpu", workers: 2 },
  });

test("a run tells its process, and ends once", () => {
  const example = makeExample();
  const run = start(example);
  const { store } = example;
  expect(store.drizzle.select().from(runs).all()).toMatchObject([
    { key: run, pid: process.pid, outcome: null, finishedAt: null },
  ]);
  finishRun(store, run, "done");
  expect(() => finishRun(store, run, "failed")).toThrow("run 1 is done and can not be changed");
  expect(() => finishRun(store, 7, "failed")).toThrow("run 7 is not in the store");
});

test("progress of a stage is one row that moves on", () => {
  const example = makeExample();
  const { store } = example;
  const run = start(example);
  const stage = { stage: "encode", failed: 0, total: 600, unit: "tokens" } as const;
  recordProgress(store, run, [{ ...stage, done: 100, rate: 50, secondsLeft: 10 }]);
  recordProgress(store, run, [{ ...stage, done: 300, rate: 60, secondsLeft: 5 }]);
  const [overview] = readExperiments(store);
  expect(overview?.lastRun?.stages).toMatchObject([{ done: 300, rate: 60, secondsLeft: 5 }]);
  expect(overview).toMatchObject({ state: "running", secondsLeft: 5 });
  const endless = [{ ...stage, done: 1, rate: null, secondsLeft: Number.POSITIVE_INFINITY }];
  expect(() => recordProgress(store, run, endless)).toThrow(
    "progress of encode: seconds left: expected a finite number, got Infinity",
  );
});

test("a run whose process died is not taken for one at work, and is closed by the next", () => {
  const example = makeExample();
  const { store } = example;
  start(example);
  const later = Date.now() + 60_000;
  expect(readExperiments(store, later)[0]).toMatchObject({ state: "stopped", secondsLeft: null });
  expect(resetRunning(store)).toEqual({ trials: 0, runs: 1 });
  const [run] = store.drizzle.select().from(runs).all();
  expect(run).toMatchObject({ outcome: "stopped", finishedAt: run?.seenAt });
});

test("a note is set, replaced and removed", () => {
  const { store } = makeExample();
  const note = () => readExperiments(store)[0]?.note;
  noteExperiment(store, "layers", "peaks early");
  expect(note()).toBe("peaks early");
  noteExperiment(store, "layers", "no, late");
  expect(note()).toBe("no, late");
  noteExperiment(store, "layers", " ");
  expect(note()).toBe(null);
});

test("a tag is added once and removed once", () => {
  const { store } = makeExample();
  expect([
    tagExperiment(store, "layers", "paper"),
    tagExperiment(store, "layers", " paper "),
  ]).toEqual([true, false]);
  tagExperiment(store, "layers", "draft");
  expect(readExperiments(store)[0]?.tags).toEqual(["draft", "paper"]);
  expect([1, 2].map(() => untagExperiment(store, "layers", "paper"))).toEqual([true, false]);
});

test.each(["", "  ", "two\nlines", "x".repeat(65)])("refuses the tag %j", (tag) => {
  const { store } = makeExample();
  expect(() => tagExperiment(store, "layers", tag)).toThrow("expected 1 to 64 characters");
});

test("an unknown experiment is answered with the nearest known one", () => {
  const { store } = makeExample();
  expect(() => noteExperiment(store, "layer", "x")).toThrow(
    'store :memory:: unknown experiment "layer", did you mean "layers"? expected one of layers',
  );
});
