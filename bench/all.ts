/** @file The whole table of the README in under 25 minutes: `npx tsx bench/all.ts`. Larger sizes: each file by itself. */

import { fileURLToPath } from "node:url";
import { measureForward } from "./forward.ts";
import { measureGrid } from "./grid.ts";
import { measureNetworks } from "./networks.ts";
import { benchOptions } from "./options.ts";
import { printRows, type Row } from "./peer.ts";
import { measureProbes } from "./probes.ts";
import { measureRunner } from "./runner.ts";
import { measureTraining } from "./train.ts";

const begun = performance.now();
const base = { width: 768, layers: 12 };
const parts: readonly (() => Promise<readonly Row[]>)[] = [
  () => measureForward(benchOptions({ ...base, rows: 96, rounds: 3 })),
  () => measureProbes(benchOptions({ ...base, rows: 10_000, rounds: 3 })),
  () => measureNetworks(benchOptions({ ...base, rows: 2000, rounds: 2 })),
  () => measureGrid(benchOptions({ rows: 800, width: 192, layers: 12, rounds: 1 })),
  () => measureTraining(benchOptions({ ...base, rows: 64, rounds: 3 })),
  () => measureRunner({ trials: 100_000 }),
];
const rows: Row[] = [];
for (const measure of parts) {
  try {
    rows.push(...(await measure()));
  } catch (error) {
    console.error(error); // the other lines of the table are worth having
    process.exitCode = 1;
  }
}
console.log("");
printRows(rows);
console.log(
  `\n${fileURLToPath(import.meta.url)}: ${((performance.now() - begun) / 60_000).toFixed(1)} minutes`,
);
