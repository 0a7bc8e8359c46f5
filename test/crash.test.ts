/** @file The short form of `npm run test:crash`: a few random kills, and a worker that dies at its trial. */

import { expect, it } from "vitest";
import { surviveKills } from "./crash/kills.ts";
import { workerCases } from "./crash/matrix-workers.ts";
import { smallFields } from "./crash/night.ts";

it("ends like a quiet night, whoever is killed and whenever", async () => {
  const options = { seed: 5, tell: () => {}, fields: smallFields };
  const { survived, folds } = await surviveKills(8, options);
  expect([...survived.values()].reduce((sum, count) => sum + count, 0)).toBe(8);
  expect(folds).toBeGreaterThan(8 * 2 * 5);
});

it("fails a trial that kills its worker, alone and after a second try", async () => {
  await workerCases[0]?.run();
});
