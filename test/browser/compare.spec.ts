/** @file Compare: numbers equal the store's, everything is in the URL, one selection links all. */

import { average, expect, means, test } from "./fixtures.ts";

const only = "/compare?experiment=browser&dataset=polarity";

test("draws cells whose numbers are the means of the store's single scores", async ({ page }) => {
  await page.goto(`${only}&show=heat`);
  const scores = means().filter(
    ({ dataset, classifier }) => dataset === "polarity" && classifier !== "single-layer",
  );
  const layers = [...new Set(scores.map(({ layer }) => layer))];
  expect(layers).toHaveLength(8);
  await page.getByRole("button", { name: "Table of Heat map" }).click();
  const rows = page.getByRole("region", { name: "Heat map as a table" }).getByRole("row");
  const told = new Map<string, string>();
  for (const cells of (await rows.allInnerTexts()).slice(1).map((row) => row.split("\t"))) {
    told.set(`${cells[0]} ${cells[1]}`, cells[2] ?? "");
  }
  for (const layer of layers) {
    for (const token of ["mean", "cls"]) {
      const own = scores.filter((score) => score.layer === layer && score.token === token);
      if (own.length === 0) expect(told.has(`${layer} ${token}`)).toBe(false);
      else
        expect(told.get(`${layer} ${token}`)).toBe(average(own.map(({ mean }) => mean)).toFixed(4));
    }
  }
});

test("leaves cells without trials visibly empty", async ({ page }) => {
  await page.goto(`${only}&show=heat`);
  const map = page.locator("svg[data-chart]");
  // "all" was pooled with mean only: 8 + 7 cells, one hatched.
  await expect(map.locator("[data-cell]")).toHaveCount(15);
  await expect(map).toContainText("no finished trial");
});

test("names the best layer and its score in the headline", async ({ page }) => {
  await page.goto(only);
  const best = means()
    .filter(({ dataset, classifier }) => dataset === "polarity" && classifier !== "single-layer")
    .toSorted((a, b) => b.mean - a.mean)[0];
  await expect(page.getByRole("heading", { level: 1 })).toContainText(`Layer ${best?.layer}`);
  await expect(page.locator("main")).toContainText(`best accuracy ${best?.mean.toFixed(3)}`);
});

test("puts filters into the URL and reads them back", async ({ page }) => {
  await page.goto("/compare?experiment=browser");
  await page.getByRole("checkbox", { name: /^cls/ }).check();
  await expect(page).toHaveURL(/token=cls/);
  await expect(page.locator("[data-total]")).toHaveText("42 trials");
  await page.getByRole("checkbox", { name: /^lda/ }).check();
  await expect(page).toHaveURL(/classifier=lda/);
  await expect(page.locator("[data-total]")).toHaveText("21 trials");
  await page.goBack();
  await expect(page.locator("[data-total]")).toHaveText("42 trials");
  await expect(page.getByRole("checkbox", { name: /^lda/ })).not.toBeChecked();
  await page.reload();
  await expect(page.getByRole("checkbox", { name: /^cls/ })).toBeChecked();
  await page.getByRole("button", { name: "Reset everything" }).click();
  await expect(page.locator("[data-total]")).toHaveText("91 trials");
});

test("changes the metric, the grouping and the parts", async ({ page }) => {
  await page.goto(only);
  await page.getByLabel("Metric").selectOption("matthews");
  await expect(page).toHaveURL(/metric=matthews/);
  const best = Math.max(
    ...means("matthews")
      .filter(({ dataset, classifier }) => dataset === "polarity" && classifier !== "single-layer")
      .map(({ mean }) => mean),
  );
  await expect(page.locator("main")).toContainText(`best Matthews ${best.toFixed(3)}`);
  await expect(page.getByRole("list", { name: "Lines" }).getByRole("listitem")).toHaveCount(6);
  const controls = page.getByRole("form", { name: "Filters and grouping" });
  await controls.getByRole("button", { name: "Classifier", exact: true }).click();
  await expect(page.getByRole("list", { name: "Lines" }).getByRole("listitem")).toHaveCount(3);
  await page.getByRole("button", { name: "Small multiples" }).click();
  await page.getByRole("button", { name: "Parallel coordinates" }).click();
  await page.getByRole("button", { name: "Model size" }).click();
  for (const title of ["Small multiples", "Parallel coordinates", "Matthews against model size"]) {
    await expect(page.getByRole("heading", { name: title })).toBeVisible();
  }
});

test("links every chart by one selection", async ({ page }) => {
  await page.goto(`${only}&show=curve,heat,parallel,trials`);
  await page.locator("[data-cell]").nth(3).click();
  await expect(page).toHaveURL(/select=/);
  await expect(page.locator("[data-total]")).toHaveText("2 trials");
  await expect(page.locator("[data-cell][opacity='1']")).toHaveCount(1);
  await expect(page.locator("svg[aria-label^='Parallel'] path[stroke-opacity='0.6']")).toHaveCount(
    2,
  );
  await page.getByRole("button", { name: /only what is selected/ }).click();
  await expect(page.locator("[data-total]")).toHaveText("30 trials");
});

test("selects by brushing an axis of the parallel coordinates", async ({ page }) => {
  await page.goto(`${only}&show=parallel,trials`);
  const axis = page.locator("rect[data-axis='layer']");
  const box = await axis.boundingBox();
  if (box === null) throw new Error("the layer axis is not drawn");
  // Layers 0 to 6 and "all" are evenly spread upwards; the lower third holds 0, 1 and 2.
  await page.mouse.move(box.x + 14, box.y + box.height - 4);
  await page.mouse.down();
  await page.mouse.move(box.x + 14, box.y + box.height * 0.65, { steps: 5 });
  await page.mouse.up();
  await expect(page.locator("[data-total]")).toHaveText("12 trials");
  await page.getByRole("button", { name: "clear" }).click();
  await expect(page.locator("[data-total]")).toHaveText("30 trials");
});

test("moves over the heat map with the arrow keys", async ({ page }) => {
  await page.goto(`${only}&show=heat,trials`);
  await page.getByRole("group", { name: /^Heat map; arrow keys/ }).focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await expect(page.locator("main")).toContainText("Layer 1, token pooling mean:");
  await page.keyboard.press("Enter");
  await expect(page.locator("[data-total]")).toHaveText("2 trials");
});

test("sorts, filters and chooses the columns of the table", async ({ page }) => {
  await page.goto(`${only}&show=trials`);
  const grid = page.getByRole("grid", { name: "Trials" });
  const scores = means().filter(
    ({ dataset, classifier }) => dataset === "polarity" && classifier !== "single-layer",
  );
  const first = grid.getByRole("row").nth(1);
  await expect(first).toContainText(Math.max(...scores.map(({ mean }) => mean)).toFixed(4));
  await grid.getByRole("button", { name: /Accuracy/ }).click();
  await expect(page).toHaveURL(/order=asc/);
  await expect(first).toContainText(Math.min(...scores.map(({ mean }) => mean)).toFixed(4));
  await page.getByRole("searchbox", { name: "Filter trials" }).fill("cls ridge");
  await expect(page.locator("[data-total]")).toHaveText("7 trials");
  await page.getByLabel("Choose columns").click();
  await page.getByRole("checkbox", { name: "Parameters" }).check();
  await grid.evaluate((element) => element.scrollTo(element.scrollWidth, 0));
  await expect(grid.getByRole("columnheader", { name: "Parameters" })).toBeVisible();
  await expect(page).toHaveURL(/columns=.*parameters/);
});

test("opens a trial beside the table and closes it with Escape", async ({ page }) => {
  await page.goto(`${only}&show=trials`);
  await page.getByRole("grid", { name: "Trials" }).getByRole("row").nth(1).click();
  await expect(page).toHaveURL(/trial=[0-9a-f]{16}/);
  const panel = page.getByRole("region", { name: "Trial", exact: true });
  await expect(panel.getByRole("heading", { name: "Confusion matrix" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(panel).toBeHidden();
});
