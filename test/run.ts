/** @file `npm test`: installs what the tests need, runs every suite, and ends with one line of totals. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

type Totals = { readonly passed: number; readonly failed: number };

const root = new URL("..", import.meta.url).pathname;
const reports = mkdtempSync(join(tmpdir(), "probegrid-tests-"));

function run(command: string, args: readonly string[], env: Record<string, string> = {}): number {
  const options = { cwd: root, stdio: "inherit", env: { ...process.env, ...env } } as const;
  return spawnSync(command, args, options).status ?? 1;
}

/** Debian's chromium shows the pages and carries the software GPU; elsewhere those suites say that they skip. */
function installBrowser(): void {
  if (existsSync("/usr/bin/chromium") && existsSync("/usr/lib/x86_64-linux-gnu/libvulkan.so.1"))
    return;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return;
  run("apt-get", ["-qq", "update"]);
  run("apt-get", ["-qq", "install", "-y", "--no-install-recommends", "chromium", "libvulkan1"], {
    DEBIAN_FRONTEND: "noninteractive",
  });
}

function readJson(file: string): unknown {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
}

function unitTests(): Totals {
  const file = join(reports, "vitest.json");
  const status = run("npx", [
    "vitest",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${file}`,
  ]);
  const report = readJson(file) as { numPassedTests: number; numFailedTests: number } | null;
  return counted(
    status,
    report && { passed: report.numPassedTests, failed: report.numFailedTests },
  );
}

function browserTests(): Totals {
  const file = join(reports, "playwright.json");
  const status = run("npx", ["playwright", "test", "--reporter=list,json"], {
    PLAYWRIGHT_JSON_OUTPUT_NAME: file,
  });
  const report = readJson(file) as {
    stats: { expected: number; unexpected: number; flaky: number };
  } | null;
  const stats = report?.stats;
  return counted(
    status,
    stats ? { passed: stats.expected + stats.flaky, failed: stats.unexpected } : null,
  );
}

/** A suite that ended badly without a failed test counts as one failure. */
function counted(status: number, totals: Totals | null): Totals {
  const { passed, failed } = totals ?? { passed: 0, failed: 0 };
  return { passed, failed: status !== 0 && failed === 0 ? 1 : failed };
}

installBrowser();
const suites = [unitTests()];
if (existsSync(join(root, "playwright.config.ts"))) suites.push(browserTests());
rmSync(reports, { recursive: true });
const passed = suites.reduce((sum, suite) => sum + suite.passed, 0);
const failed = suites.reduce((sum, suite) => sum + suite.failed, 0);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
