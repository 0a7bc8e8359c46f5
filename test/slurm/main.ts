/** @file `npm run test:slurm`: a real Slurm of two nodes; `-- --accounting` with a database of accounts, `-- WORDS` for some. */

import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installSlurm, startCluster } from "./cluster.ts";
import { makeNight, tableOf } from "./night.ts";
import { emptyQueue, probegrid } from "./on-cluster.ts";
import { otherChecks } from "./other-checks.ts";
import { accountChecks, probeChecks } from "./probe-checks.ts";

const accounting = process.argv.includes("--accounting");
const wanted = process.argv.slice(2).find((word) => !word.startsWith("--")) ?? "";
const all = accounting ? accountChecks : [...probeChecks, ...otherChecks];
const chosen = all.filter(({ name }) => name.includes(wanted));
const missing = installSlurm(accounting);
if (missing !== null) {
  process.stdout.write(`test:slurm skipped: ${missing}\n`);
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), "pg-slurm-"));
chmodSync(folder, 0o755); // munge looks at every folder above its socket
const cluster = startCluster(join(folder, "cluster"), { nodes: 2, accounting });
let failed = 0;
try {
  const night = makeNight(join(folder, "night"));
  await probegrid(cluster, night, { name: "local", args: ["--workers", "1"] });
  night.expected = tableOf(night, "local");
  for (const { name, run } of chosen) {
    await emptyQueue(cluster);
    const begun = performance.now();
    try {
      await run(cluster, night);
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      process.stdout.write(`ok      ${name} (${seconds} s)\n`);
    } catch (error) {
      failed++;
      process.stdout.write(`FAILED  ${name}\n${error instanceof Error ? error.stack : error}\n`);
    }
  }
} finally {
  cluster.stop();
}
process.stdout.write(`${chosen.length - failed} of ${chosen.length} on a real Slurm\n`);
const gone = { recursive: true, force: true, maxRetries: 50, retryDelay: 100 }; // daemons still end
if (failed === 0) rmSync(folder, gone);
else process.stdout.write(`what is left is in ${folder}: ${readdirSync(folder).join(", ")}\n`);
process.exitCode = failed > 0 ? 1 : 0;
