/** @file The short form of `npm run test:crash`: eight random kills, each of another kind, and a worker that dies at its trial. */

import { describe, expect, it } from "vitest";
import { surviveKills } from "./crash/kills.ts";
import { workerCases } from "./crash/matrix-workers.ts";
import { smallFields } from "./crash/night.ts";

// Side by side: most of a run is waiting for processes to start.
describe.concurrent("a run that is disturbed", { timeout: 600_000 }, () => {
  it.each([0, 4])(
    "ends like a quiet night, whoever is killed and whenever, from %i on",
    async (first) => {
      const options = { seed: 5 + first, first, tell: () => {}, fields: smallFields };
      const { survived, folds } = await surviveKills(4, options);
      expect([...survived.values()].reduce((sum, count) => sum + count, 0)).toBe(4);
      expect(folds).toBeGreaterThan(8 * 2 * 5);
    },
  );

  it("fails a trial that kills its worker, alone and after a second try", async () => {
    await workerCases[0]?.run();
  });
});
