/** @file The page of fine-tunings: numbers are the store's, curves grow while a training writes, ends say when and why. */

/// <reference lib="dom" />

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, query, type Server, startDashboard, storeFolder, test } from "./fixtures.ts";
import { command, firstRows, hostile, root } from "./make-stores.ts";

const store = "finetuned.db";

type Best = { readonly id: string; readonly value: number; readonly epoch: number };

/** Best validation macro F1 of each training of the grid, best first, straight from the curves. */
function bestScores(): readonly Best[] {
  const rows = query<Best>(
    store,
    `select t.id, c.value, c.epoch from curves c join trials t on t.key = c.trial
       join experiment_trials et on et.trial = t.key join experiments e on e.key = et.experiment
     where e.name = 'tuning' and c.part = 'validation' and c.metric = 'macroF1'
     order by t.key, c.evaluation`,
  );
  const best = new Map<string, Best>();
  for (const row of rows) if (row.value > (best.get(row.id)?.value ?? -1)) best.set(row.id, row);
  return [...best.values()].toSorted((a, b) => b.value - a.value);
}

let server: Server;
test.beforeAll(async () => {
  server = await startDashboard(join(storeFolder(), store));
});
test.afterAll(async () => await server.stop());

test("shows the store's numbers: best scores, final scores, confusion, every point", async ({
  page,
}) => {
  await page.goto(`${server.address}/finetuning?experiment=tuning`);
  const [first, ...rest] = bestScores();
  if (first === undefined) throw new Error("internal: no scores");
  const card = page.getByRole("region", { name: "Best training" });
  await expect(card).toContainText(
    `${first.value.toFixed(4)} after epoch ${first.epoch.toFixed(2)}`,
  );
  const finals = query<{ metric: string; value: number }>(
    store,
    "select s.metric, s.value from scores s join trials t on t.key = s.trial where t.id = ? and s.metric in ('accuracy', 'macroF1')",
    first.id,
  );
  expect(finals).toHaveLength(2);
  for (const { value } of finals) await expect(card).toContainText(value.toFixed(4));
  const trainings = page.locator("[data-chart-card=trainings]");
  await expect(trainings.locator("tbody tr")).toHaveCount(1 + rest.length);
  for (const [i, { id, value }] of [first, ...rest].entries()) {
    const cells = trainings.locator("tbody tr").nth(i).locator("td");
    await expect(cells.nth(0)).toHaveText(id);
    await expect(cells.nth(3)).toHaveText(value.toFixed(4));
  }
  // The confusion matrix, counted anew.
  const [row] = query<{
    predicted: Uint8Array;
    targets: Uint8Array;
    roles: Uint8Array;
    labels: string;
  }>(
    store,
    `select p.predicted, d.targets, f.roles, d.labels from trials t join predictions p on p.trial = t.key
       join datasets d on d.id = t.dataset join split_folds f on f.split = t.split where t.id = ?`,
    first.id,
  );
  if (row === undefined) throw new Error("internal: no predictions");
  const numbers = (bytes: Uint8Array) => new Int32Array(Uint8Array.from(bytes).buffer);
  const truth = [...numbers(row.targets)].filter((_, i) => row.roles[i] === 3);
  const predicted = [...numbers(row.predicted)];
  const labels = JSON.parse(row.labels) as string[];
  const counts = labels.map((_, t) =>
    labels.map((_, p) => truth.filter((one, i) => one === t && predicted[i] === p).length),
  );
  const matrix = page.locator(`[data-chart-card="confusion-${first.id}"]`);
  await matrix.getByRole("button", { name: "Table of Confusion matrix" }).click();
  const shown = await matrix.locator("tbody tr").allInnerTexts();
  expect(shown.map((line) => line.split(/\s+/).slice(1).map(Number))).toEqual(counts);
  // Every point of the loss curves.
  const losses = query<{ value: number }>(
    store,
    `select c.value from curves c join trials t on t.key = c.trial join experiment_trials et on et.trial = t.key
       join experiments e on e.key = et.experiment where e.name = 'tuning' and c.metric = 'loss'`,
  );
  const loss = page.locator("[data-chart-card=loss-curves]");
  await loss.getByRole("button", { name: "Table of Loss" }).click();
  const drawn = await loss.locator("tbody td:last-child").allInnerTexts();
  expect(drawn.toSorted()).toEqual(losses.map(({ value }) => value.toFixed(4)).toSorted());
});

test("names the checkpoint and the command that trains it again", async ({ page }) => {
  await page.goto(`${server.address}/finetuning?experiment=tuning`);
  const [first] = bestScores();
  const card = page.getByRole("region", { name: "Best training" });
  const checkpoint = (await card.getByRole("region", { name: "Checkpoint" }).textContent()) ?? "";
  expect(checkpoint).toBe(join(storeFolder(), "checkpoints", first?.id ?? ""));
  expect(existsSync(join(checkpoint, "model.safetensors"))).toBe(true);
  const again = card.getByRole("region", { name: "Train it again" });
  await expect(again).toContainText("npx probegrid finetune --model");
  await expect(again).toContainText(`--out repeat-${first?.id}`);
  await page.goto(`${server.address}/trials/${first?.id}`);
  await expect(page.getByRole("region", { name: "Repeat this trial" })).toContainText(
    `--out repeat-${first?.id}`,
  );
});

test("says when and why trainings ended early", async ({ page }) => {
  const pruned = query<{ id: string; flags: string }>(
    store,
    "select id, flags from trials where flags like '%pruned after%'",
  );
  expect(pruned.length).toBeGreaterThan(0);
  await page.goto(`${server.address}/finetuning?experiment=tuning`);
  const table = page.getByRole("region", { name: "Ended before their time", exact: true });
  for (const { id, flags } of pruned) {
    const [, evaluation, why] = /pruned after evaluation (\d+): ([^"]+)/.exec(flags) ?? [];
    const cells = table.locator("tr", { hasText: id }).locator("td");
    await expect(cells.nth(1)).toHaveText("pruned");
    await expect(cells.nth(2)).toHaveText(String(evaluation));
    await expect(cells.nth(6)).toHaveText(String(why));
  }
  await page.goto(`${server.address}/finetuning?experiment=diverging`);
  const [failed] = query<{ error: string }>(
    store,
    "select error from trials where state = 'failed'",
  );
  const [, step] = /at step (\d+) with learning rate 10/.exec(failed?.error ?? "") ?? [];
  const row = page
    .getByRole("region", { name: "Ended before their time", exact: true })
    .locator("tbody tr");
  await expect(row.locator("td").nth(1)).toHaveText("diverged");
  await expect(row.locator("td").nth(4)).toHaveText(String(step));
  await expect(row.locator("td").nth(5)).toHaveText("10");
});

test("a chosen training, a metric and a brush are in the link", async ({ page }) => {
  await page.goto(`${server.address}/finetuning?experiment=tuning`);
  const worst = bestScores().at(-1)?.id ?? "";
  await page.getByRole("list", { name: "Trainings" }).getByRole("button").last().click();
  await expect(page.getByRole("region", { name: "Chosen training" })).toContainText(worst);
  await expect(page).toHaveURL(new RegExp(`trial=${worst}`));
  await page.getByLabel("Metric of the second chart").selectOption("learningRate");
  await expect(page.getByRole("img", { name: /^learning rate by epoch/ })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("region", { name: "Chosen training" })).toContainText(worst);
  await page.goto(`${server.address}/finetuning?experiment=tuning`);
  const axis = page.locator("rect[data-axis=layersFrozen]");
  await axis.scrollIntoViewIfNeeded();
  const box = await axis.boundingBox();
  if (box === null) throw new Error("internal: no axis");
  await page.mouse.click(box.x + 14, box.y + 8);
  await expect(page).toHaveURL(/select=/);
  const faint = page.locator("[data-chart-card=loss-curves] g[data-line][opacity='0.15']");
  const lines = page.locator("[data-chart-card=loss-curves] g[data-line]");
  await expect(faint).toHaveCount((await lines.count()) / 2);
});

for (const width of [1280, 390]) {
  for (const theme of ["light", "dark"] as const) {
    test(`${width} wide, ${theme}: nothing serious for axe, nothing wider than the screen, texts stay texts`, async ({
      page,
    }) => {
      await page.emulateMedia({ colorScheme: theme });
      await page.setViewportSize({ width, height: 900 });
      for (const experiment of ["tuning", "diverging"]) {
        await page.goto(`${server.address}/finetuning?experiment=${experiment}`);
        await page.waitForLoadState("networkidle");
        const { violations } = await new AxeBuilder({ page }).analyze();
        const serious = violations.filter(({ impact }) => /serious|critical/.test(impact ?? ""));
        expect(serious.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
          width,
        );
      }
      await page.goto(`${server.address}/finetuning?experiment=tuning`);
      await expect(page.locator("main")).toContainText(hostile.markup);
      expect(await page.locator("main img").count()).toBe(0);
    });
  }
}

test("grows while a training writes, from nothing to its end", async ({ page }) => {
  test.setTimeout(400_000);
  const folder = storeFolder();
  const file = join(folder, "live-tuning.db");
  const live = await startDashboard(file);
  try {
    await page.goto(`${live.address}/finetuning`);
    await expect(
      page.getByRole("heading", { name: "Nothing has been fine-tuned yet" }),
    ).toBeVisible();
    await page.evaluate(() => Object.assign(globalThis, { notReloaded: true }));
    const training = spawn(process.execPath, [
      ...[command, "finetune", "--model", join(root, "models/demo-bert")],
      ...["--data", firstRows(folder, "tense", 200), "--max-epochs", "30", "--batch-size", "16"],
      ...["--learning-rate", "0.00003", "--no-early-stopping", "--device", "cpu"],
      ...["--out", join(folder, "live-tuned"), "--store", file],
    ]);
    const ended = new Promise((done) => training.once("exit", done));
    await expect(page.locator("main")).toContainText("1 running", { timeout: 60_000 });
    const dots = page.locator("[data-chart-card=macroF1-curves] g[data-line$=validation] circle");
    const seen = new Set<number>();
    let over = false;
    void ended.then(() => {
      over = true;
    });
    while (!over) {
      seen.add(await dots.count());
      await page.waitForTimeout(200);
    }
    expect(await ended).toBe(0);
    await expect(dots).toHaveCount(30, { timeout: 15_000 });
    const between = [...seen].filter((count) => count > 0 && count < 30);
    expect(between.length).toBeGreaterThan(1); // it was seen to grow
    await expect(page.locator("main")).toContainText("1 done");
    await expect(page.getByRole("region", { name: "Checkpoint" })).toHaveText(
      join(folder, "live-tuned"),
    );
    const kept = () => (globalThis as { notReloaded?: boolean }).notReloaded;
    expect(await page.evaluate(kept)).toBe(true);
    await page.close();
  } finally {
    await live.stop();
  }
});
