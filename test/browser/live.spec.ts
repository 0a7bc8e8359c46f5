/** @file Live: a page that is never reloaded follows a run. */

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, startDashboard, storeFolder, test } from "./fixtures.ts";
import { command, firstRows, root } from "./make-stores.ts";

test("follows a run from an empty folder to its last trial", async ({ page }) => {
  test.setTimeout(180_000);
  const folder = storeFolder();
  const store = join(folder, "live.db");
  const file = join(folder, "live.mjs");
  const experiment = {
    name: "live",
    datasets: [firstRows(folder, "number", 400)],
    models: [join(root, "models/demo-bert")],
    poolers: [{ layer: "each", token: "mean" }],
    folds: { kind: "stratified", k: 5, seed: 1 },
  };
  const broken = `{ name: "broken", fit() { throw new Error("gave up on purpose"); } }`;
  writeFileSync(
    file,
    `export default { ...${JSON.stringify(experiment)}, classifiers: ["lda", ${broken}, "mlp"] };\n`,
  );
  const server = await startDashboard(store);
  try {
    await page.goto(`${server.address}/live`);
    await expect(page.getByRole("heading", { name: "There is no store here yet" })).toBeVisible();
    await page.evaluate(() => Object.assign(globalThis, { notReloaded: true }));
    const run = spawn(process.execPath, [
      command,
      "run",
      file,
      "--store",
      store,
      "--cache",
      join(folder, "cache"),
    ]);
    const ended = new Promise((done) => run.once("exit", done));
    await expect(page.getByRole("heading", { name: "live", exact: true })).toBeVisible({
      timeout: 60_000,
    });
    await expect(page.getByRole("progressbar", { name: "live: Probing" })).toBeAttached({
      timeout: 60_000,
    });
    await expect(page.getByText("gave up on purpose")).toBeVisible({ timeout: 60_000 });
    expect(await ended).toBe(1);
    await expect(page.locator("main")).toContainText("14 done, 0 running, 0 waiting, 7 failed");
    await expect(page.locator("main")).toContainText("Nothing is running.");
    expect(await page.evaluate(() => (globalThis as { notReloaded?: boolean }).notReloaded)).toBe(
      true,
    );
    await page
      .getByRole("link", { name: /layer \d, mean, broken/ })
      .first()
      .click();
    await expect(page.locator("section[aria-label='Error'] pre")).toContainText("live.mjs");
    await page.close();
  } finally {
    await server.stop();
  }
});
