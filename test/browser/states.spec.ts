/** @file Stores with nothing to compare: each page says what that means and what to do. */

import { join } from "node:path";
import { expect, startDashboard, storeFolder, test } from "./fixtures.ts";

const cases = [
  {
    store: "missing.db",
    path: "/",
    heading: "There is no store here yet",
    text: "npx probegrid demo",
  },
  {
    store: "empty.db",
    path: "/",
    heading: "This store has no experiments yet",
    text: "npx probegrid demo",
  },
  {
    store: "empty.db",
    path: "/compare",
    heading: "This store has no experiments yet",
    text: "npx probegrid demo",
  },
  {
    store: "empty.db",
    path: "/live",
    heading: "This store has no experiments yet",
    text: "npx probegrid demo",
  },
  {
    store: "running.db",
    path: "/compare",
    heading: "No trial has finished yet",
    text: "2 running",
  },
  { store: "running.db", path: "/live", heading: "Live", text: "0 done, 2 running" },
  { store: "running.db", path: "/", heading: "browser", text: "No score yet" },
  {
    store: "failed.db",
    path: "/compare",
    heading: "All 7 trials failed",
    text: "no luck with <b>this</b>",
  },
  { store: "failed.db", path: "/live", heading: "Live", text: "7 failed" },
  { store: "failed.db", path: "/", heading: "failing", text: "0 of 7 trials done" },
] as const;

for (const { store, path, heading, text } of cases) {
  test(`${store} has a helpful page at ${path}`, async ({ page }) => {
    const server = await startDashboard(join(storeFolder(), store));
    try {
      await page.goto(`${server.address}${path}`);
      await expect(page.getByRole("heading", { name: heading, exact: true }).first()).toBeVisible();
      await expect(page.locator("main")).toContainText(text);
      await page.close();
    } finally {
      await server.stop();
    }
  });
}

test("draws failed trials once, as failed", async ({ page }) => {
  const server = await startDashboard(join(storeFolder(), "failed.db"));
  try {
    await page.goto(`${server.address}/live`);
    const bar = page.getByRole("progressbar", { name: "failing: Probing" });
    await expect(bar).toHaveAttribute("aria-valuenow", "7");
    await expect(bar).toHaveAttribute("aria-valuemax", "7");
    await expect(bar.locator("span").nth(0)).toHaveAttribute("style", /width: ?0%/);
    await expect(bar.locator("span").nth(1)).toHaveAttribute("style", /width: ?100%/);
    await page.close();
  } finally {
    await server.stop();
  }
});
