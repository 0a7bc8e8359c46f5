/** @file `.ci/audit` with a registry that answers, that finds holes, and that does not answer. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("../.ci/audit", import.meta.url));

/** Runs the script with an `npm` that prints this, as `npm audit --json` would. */
function audit(printed: string) {
  const folder = mkdtempSync(join(tmpdir(), "probegrid-audit-"));
  writeFileSync(join(folder, "answer"), printed);
  writeFileSync(join(folder, "npm"), `#!/bin/sh\ncat '${folder}/answer'; exit 1\n`, {
    mode: 0o700,
  });
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` };
  const { status, stdout } = spawnSync(script, { env, encoding: "utf8" });
  return { status, stdout };
}

const counts = { info: 0, low: 0, moderate: 1, high: 0, critical: 0, total: 1 };
const holes = { tar: { name: "tar", severity: "high" } };

test.each([
  [
    "405 Method Not Allowed",
    JSON.stringify({ message: "405 Method Not Allowed - POST https://r" }),
  ],
  ["no network", JSON.stringify({ error: { code: "ENOTFOUND", summary: "no network\nat all" } })],
  ["no answer", ""],
])("says that nothing is known, and fails nothing: %s", (why, printed) => {
  const { status, stdout } = audit(printed);
  expect(stdout).toMatch(/^dependency audit: NOT DONE, the registry does not answer audits here/);
  expect([status, stdout.includes(why)]).toEqual([0, true]);
});

test("passes where no hole is severe, and fails where one is", () => {
  expect(audit(JSON.stringify({ metadata: { vulnerabilities: counts } })).status).toBe(0);
  const severe = { ...counts, high: 1, total: 2 };
  const { status, stdout } = audit(
    JSON.stringify({ vulnerabilities: holes, metadata: { vulnerabilities: severe } }),
  );
  expect(status).toBe(1);
  expect(stdout).toBe(
    "dependency audit: high in tar\ndependency audit: 1 of high severity or worse, 2 in all\n",
  );
});
