/** @file Every page in both themes and at both widths: no serious finding of axe, nothing wider than the screen. */

/// <reference lib="dom" />

import { AxeBuilder } from "@axe-core/playwright";
import { expect, query, test } from "./fixtures.ts";

const paths = [
  "/",
  "/compare",
  "/compare?show=curve,heat,multiples,parallel,size,trials&folds=true",
  "/live",
  "/trials/ID",
];

for (const path of paths) {
  for (const theme of ["light", "dark"] as const) {
    for (const width of [1280, 390]) {
      test(`${path}, ${theme}, ${width} wide`, async ({ page }) => {
        const [trial] = query<{ id: string }>(
          "done.db",
          "select id from trials where classifier = 'single-layer'",
        );
        await page.emulateMedia({ colorScheme: theme });
        await page.setViewportSize({ width, height: 900 });
        await page.goto(path.replace("ID", trial?.id ?? ""));
        await page.waitForLoadState("networkidle");
        const { violations } = await new AxeBuilder({ page }).analyze();
        const serious = violations.filter(
          ({ impact }) => impact === "serious" || impact === "critical",
        );
        expect(
          serious.map(
            ({ id, nodes }) =>
              `${id}: ${nodes
                .map(({ html }) => html)
                .join(" ")
                .slice(0, 400)}`,
          ),
        ).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
          width,
        );
      });
    }
  }
}

test("remembers the theme that was chosen", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/");
  await page.getByRole("button", { name: "Switch between light and dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.goto("/live");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});
