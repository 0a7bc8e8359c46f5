/** @file The layer curve answers to keys and pointer: it is read layer by layer, and a line is selected at a layer. */

import { expect, test } from "./fixtures.ts";

test("reads the layer curve by keys and pointer, and selects a line at a layer", async ({
  page,
}) => {
  await page.goto("/compare?experiment=browser&dataset=polarity&show=curve,trials");
  await expect(page.locator("[data-total]")).toHaveText("30 trials");
  const chart = page.getByRole("group", { name: /^Layer curve/ });
  await chart.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(chart.getByText("layer 1", { exact: true })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/select=/);
  await expect(page.locator("[data-total]")).toHaveText("1 trial");
  await page.getByRole("button", { name: /only what is selected/ }).click();
  await expect(page.locator("[data-total]")).toHaveText("30 trials");
  await page.keyboard.press("Escape");
  const box = await chart.boundingBox();
  if (box === null) throw new Error("the curve is not drawn");
  await page.mouse.move(box.x + 50, box.y + 100); // the first layer stands 48 pixels from the edge
  await expect(chart.getByText("layer 0", { exact: true })).toBeVisible();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height + 200);
  await expect(chart.getByText(/^layer \d+$/)).toHaveCount(0);
});
