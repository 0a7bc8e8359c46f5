import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Log } from "../log.ts";
import { recordEnvironment, startRun } from "../store/index.ts";
import { makeExample } from "../store/make-example.ts";
import { createStage } from "./stage.ts";

test("records a rate in the unit that is counted, though the terminal tells tokens", async () => {
  const { store, experiment } = makeExample();
  const environment = recordEnvironment(store, { node: "20" });
  const run = startRun(store, {
    ...{ experiment, environment, command: "probegrid run", device: "cpu", workers: 1 },
  });
  const told: (string | null)[] = [];
  const log = { progress: (_: string, { rate }: { rate: string | null }) => told.push(rate) };
  const stage = createStage(
    { name: "encode", unit: "texts", total: 40, work: 40_000, rateUnit: "tokens" },
    { log: log as unknown as Log, store, run },
  );
  await sleep(50);
  stage.advance({ done: 40, counted: 40_000, work: 40_000 });
  const row = store.sqlite.prepare("select unit, rate from progress").get() as {
    unit: string;
    rate: number;
  };
  const tokens = Number(told.at(-1)?.replace(" tokens/s", "").replaceAll(",", ""));
  expect(row.unit).toBe("texts");
  // 1000 tokens a text; the two meters look at the clock one after the other.
  expect(tokens / row.rate / 1000).toBeCloseTo(1, 1);
});
