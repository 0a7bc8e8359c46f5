/** @file Experiments: the list says what the store says. */

import { expect, means, query, test } from "./fixtures.ts";
import { hostile } from "./make-stores.ts";

test("shows question, counts, best score, note and tag of each experiment", async ({ page }) => {
  await page.goto("/");
  const card = page
    .getByRole("listitem")
    .filter({ has: page.getByRole("heading", { name: "browser" }) });
  const best = Math.max(...means().map(({ mean }) => mean));
  await expect(card).toContainText(best.toFixed(3));
  const [{ trials }] = query<{ trials: number }>(
    "done.db",
    "select count(*) as trials from experiment_trials e join experiments x on x.key = e.experiment where x.name = 'browser'",
  ) as [{ trials: number }];
  await expect(card).toContainText(`${trials} of ${trials} trials done`);
  await expect(card).toContainText(`Is ${hostile.markup} only text?`);
  await expect(card).toContainText("A **note** with");
  await expect(card.getByText("night")).toBeVisible();
});

test("leads to the comparison of one experiment", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("link", { name: "trained", exact: true }).click();
  await expect(page).toHaveURL(/\/compare\?experiment=trained/);
  await expect(page.locator("[data-total]")).toHaveText("1 trial");
});
