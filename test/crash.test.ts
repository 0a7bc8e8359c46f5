/** @file The short form of `npm run test:crash`: a few random kills, and a worker that dies at its trial. */

import { expect, it } from "vitest";
import { surviveKills } from "./crash/kills.ts";
import { workerCases } from "./crash/matrix-workers.ts";

it("ends like a quiet night, whoever is killed and whenever", async () => {
  const { survived, folds } = await surviveKills(8, { seed: 5, tell: () => {} });
  expect([...survived.values()].reduce((sum, count) => sum + count, 0)).toBe(8);
  expect(folds).toBeGreaterThan(1000);
});

it("fails a trial that kills its worker, alone and after a second try", async () => {
  await workerCases[0]?.run();
});
