/** @file Trial: spec, folds, confusion matrix, ROC, losses, sizes and the command that repeats it. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, query, storeFolder, test } from "./fixtures.ts";
import { command } from "./make-stores.ts";

function trialOf(classifier: string, dataset: string): { id: string; key: number; split: string } {
  const [trial] = query<{ id: string; key: number; split: string }>(
    "done.db",
    `select t.id, t.key, t.split from trials t join datasets d on d.id = t.dataset
       where classifier = ? and d.name = ? and token = 'mean' and layerIndex = 6`,
    classifier,
    dataset,
  );
  if (trial === undefined) throw new Error(`no ${classifier} on ${dataset} in the store`);
  return trial;
}

test("counts every out-of-fold prediction once in the confusion matrix", async ({ page }) => {
  const trial = trialOf("lda", "length");
  const rows = query<{ predicted: Buffer; roles: Buffer; targets: Buffer }>(
    "done.db",
    `select p.predicted, f.roles, d.targets from predictions p join trials t on t.key = p.trial
       join split_folds f on f.split = t.split and f.fold = p.fold
       join datasets d on d.id = t.dataset where p.trial = ?`,
    trial.key,
  );
  const expected: number[] = [];
  let classes = 0;
  for (const { predicted, roles, targets } of rows) {
    classes = Math.max(
      classes,
      ...Array.from({ length: targets.length / 4 }, (_, i) => targets.readInt32LE(4 * i) + 1),
    );
    let at = 0;
    for (const [row, role] of roles.entries()) {
      if (role !== 3) continue;
      const cell = targets.readInt32LE(4 * row) * 1000 + predicted.readInt32LE(4 * at++);
      expected[cell] = (expected[cell] ?? 0) + 1;
    }
  }
  await page.goto(`/trials/${trial.id}`);
  await page.getByRole("button", { name: "Table of Confusion matrix" }).click();
  const table = page.getByRole("region", { name: "Confusion matrix as a table" });
  const told = (await table.getByRole("row").allInnerTexts())
    .slice(1)
    .map((row) => row.split("\t").slice(1).map(Number));
  expect(told).toHaveLength(classes);
  expect(told.flat().reduce((sum, count) => sum + count, 0)).toBe(240);
  for (const [i, row] of told.entries()) {
    for (const [j, count] of row.entries()) expect(count).toBe(expected[i * 1000 + j] ?? 0);
  }
});

test("shows each fold's score, and the area under the pooled ROC curve", async ({ page }) => {
  const trial = trialOf("lda", "polarity");
  await page.goto(`/trials/${trial.id}`);
  await page.getByRole("button", { name: "Table of Scores per fold" }).click();
  const table = page.getByRole("region", { name: "Scores per fold as a table" });
  const scores = query<{ fold: number; value: number }>(
    "done.db",
    "select fold, value from scores where trial = ? and metric = 'accuracy' order by fold",
    trial.key,
  );
  expect(scores).toHaveLength(5);
  for (const { fold, value } of scores) {
    const shown = Number.isInteger(value) ? String(value) : value.toFixed(4);
    await expect(
      table.getByRole("row", { name: `accuracy ${fold + 1} ${shown}`, exact: true }),
    ).toBeAttached();
  }
  const pairs = query<{ scores: Buffer; roles: Buffer; targets: Buffer }>(
    "done.db",
    `select p.scores, f.roles, d.targets from predictions p join trials t on t.key = p.trial
       join split_folds f on f.split = t.split and f.fold = p.fold
       join datasets d on d.id = t.dataset where p.trial = ?`,
    trial.key,
  ).flatMap(({ scores: stored, roles, targets }) => {
    const tested = [...roles.keys()].filter((row) => roles[row] === 3);
    return tested.map(
      (row, i) => [stored.readFloatLE(4 * i), targets.readInt32LE(4 * row)] as const,
    );
  });
  // The area is the share of (positive, negative) pairs in the right order, ties half.
  let [right, all] = [0, 0];
  for (const [one, positive] of pairs) {
    for (const [other, negative] of pairs) {
      if (positive !== 1 || negative !== 0) continue;
      all++;
      right += one > other ? 1 : one === other ? 0.5 : 0;
    }
  }
  await expect(
    page.getByRole("img", { name: `ROC curve, area ${(right / all).toFixed(3)}` }),
  ).toBeVisible();
});

test("shows losses per epoch, split sizes, spec and environment", async ({ page }) => {
  const trial = trialOf("single-layer", "polarity");
  await page.goto(`/trials/${trial.id}`);
  await expect(page.getByRole("img", { name: "Loss per epoch" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Rows per fold" })).toContainText("192");
  await page.getByText("Spec", { exact: false }).first().click();
  await expect(page.locator("pre").filter({ hasText: '"name": "single-layer"' })).toBeVisible();
  await page.getByText("Environment").click();
  await expect(page.locator("pre").filter({ hasText: '"onnxruntime"' })).toBeVisible();
});

test("gives a command that computes the same scores again", async ({ page }) => {
  const trial = trialOf("ridge", "polarity");
  await page.goto(`/trials/${trial.id}`);
  const text = await page.locator("section[aria-label='Repeat this trial'] pre").innerText();
  const folder = mkdtempSync(join(tmpdir(), "probegrid-repeat-"));
  try {
    const script = `probegrid() { "${process.execPath}" "${command}" "$@"; }; npx() { "$@"; }\n${text} --cache cache`;
    const { status, stderr } = spawnSync("bash", ["-c", script], { cwd: folder, encoding: "utf8" });
    expect(status, stderr).toBe(0);
    const repeated = new Database(join(folder, `repeat-${trial.id}.db`), { readonly: true });
    const again = repeated
      .prepare(
        `select s.metric, s.fold, s.value from scores s join trials t on t.key = s.trial
           where t.id = ? order by s.metric, s.fold`,
      )
      .all(trial.id);
    repeated.close();
    const first = query(
      "done.db",
      "select metric, fold, value from scores where trial = ? order by metric, fold",
      trial.key,
    );
    expect(again).toEqual(first);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("says so when there is no such trial", async ({ page, baseURL }) => {
  const answer = await fetch(`${baseURL}/trials/0000000000000000`);
  expect(answer.status).toBe(404);
  expect(await answer.text()).toContain("Nothing is here");
  expect(storeFolder()).not.toBe("");
  await page.goto("/");
});
