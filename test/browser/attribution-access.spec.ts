/** @file Attribution pages in both themes and at both widths: no serious finding of axe, nothing wider than the screen. */

/// <reference lib="dom" />

import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, startDashboard, storeFolder, test } from "./fixtures.ts";
import { makeAttributions } from "./make-attributions.ts";

test.setTimeout(600_000);

/** The only group with words around keywords. */
const contexts = "/words?dataset=tweets&target=true&count=1";

test("attribution pages, light and dark, 1280 and 390 wide", async ({ page }) => {
  makeAttributions(storeFolder());
  const server = await startDashboard(join(storeFolder(), "attribution.db"));
  try {
    const parts = ["", "/words", "/faithfulness", "/agreement", "/layers", contexts];
    for (const part of parts) {
      for (const colorScheme of ["light", "dark"] as const) {
        for (const width of [1280, 390]) {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 900 });
          const query = "dataset=reviews&target=predicted&count=1&numbers=true&example=5";
          const path = part === contexts ? part : `${part}?${query}`;
          await page.goto(`${server.address}/attribution${path}`);
          await page.waitForLoadState("networkidle");
          const { violations } = await new AxeBuilder({ page }).analyze();
          const serious = violations.filter(
            ({ impact }) => impact === "serious" || impact === "critical",
          );
          const told = serious.flatMap(({ id, nodes }) =>
            nodes.slice(0, 4).map(({ html }) => `${id}: ${html.slice(0, 300)}`),
          );
          expect(told, `${part} ${colorScheme} ${width}`).toEqual([]);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth);
          expect(wide, `${part} ${colorScheme} ${width}`).toBeLessThanOrEqual(width);
        }
      }
    }
  } finally {
    await server.stop();
  }
});
