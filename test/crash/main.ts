/** @file `npm run test:crash -- --points N`: disturbs runs at N random moments and in every way of the matrix. */

import { parseArgs } from "node:util";
import { setup } from "../scratch.ts";
import { surviveKills } from "./kills.ts";
import { matrix } from "./matrix.ts";
import { smallFields } from "./night.ts";

const { values } = parseArgs({
  options: {
    points: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    small: { type: "boolean", default: false },
  },
});

/** Runs the cases and returns how many failed. */
async function runMatrix(only: string | undefined): Promise<number> {
  let failed = 0;
  for (const { name, skip, run } of matrix) {
    if (only !== undefined && !new RegExp(only).test(name)) continue;
    const reason = skip?.();
    if (reason !== undefined) {
      console.log(`skipped   ${name}: ${reason}`);
      continue;
    }
    try {
      await run();
      console.log(`survived  ${name}`);
    } catch (error) {
      failed++;
      console.log(`FAILED    ${name}: ${error instanceof Error ? error.stack : error}`);
    }
  }
  return failed;
}

/** Runs the random kills and returns how many failed. */
async function runKills(points: number, seed: number): Promise<number> {
  if (points === 0) return 0;
  const fields = values.small ? smallFields : {};
  const begun = performance.now();
  try {
    const told = { seed, tell: console.log, fields };
    const { survived, nights, folds } = await surviveKills(points, told);
    console.log("");
    for (const [name, count] of survived) console.log(`${String(count).padStart(4)}  ${name}`);
    console.log(
      `survived ${points} of ${points} points in ${nights} nights of ${folds} folds, ${((performance.now() - begun) / 1000).toFixed(0)} s: none lost, none twice, every table that of a quiet night`,
    );
    return 0;
  } catch (error) {
    console.log(`FAILED ${error instanceof Error ? error.stack : error}`);
    return 1;
  }
}

const clean = setup();
const failedKills = await runKills(Number(values.points), Number(values.seed));
const failedCases = await runMatrix(values.only);
clean();
console.log(failedKills + failedCases === 0 ? "\nall survived" : "\nnot all survived");
process.exitCode = failedKills + failedCases === 0 ? 0 : 1;
