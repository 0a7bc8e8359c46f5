/** @file Browser tests of the dashboard: `npx playwright test`. They make their own stores and servers. */

import { defineConfig } from "@playwright/test";
import { chromiumArguments, findChromium } from "./test/browser/chromium.ts";

export default defineConfig({
  testDir: "test/browser",
  globalSetup: "./test/browser/make-stores.ts",
  outputDir: "test-results",
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  use: {
    viewport: { width: 1280, height: 900 },
    launchOptions: { executablePath: findChromium(), args: [...chromiumArguments] },
  },
});
