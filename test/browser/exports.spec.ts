/** @file Exports: they open, and hold the numbers on screen. */

import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { parse } from "csv-parse/sync";
import { expect, means, test } from "./fixtures.ts";
import { hostile } from "./make-stores.ts";

async function saved(page: Page, chart: string, format: string): Promise<Buffer> {
  await page.getByLabel(`Export ${chart}`, { exact: true }).click();
  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: format, exact: true }).locator("visible=true").click();
  return readFileSync(await (await coming).path());
}

test("exports every trial as CSV, JSON and LaTeX with the store's numbers", async ({ page }) => {
  await page.goto("/compare?experiment=browser&dataset=polarity&show=trials");
  const expected = new Map(means().map(({ id, mean }) => [id, mean]));
  const csv = parse(await saved(page, "Trials", "CSV"), { columns: true }) as Record<
    string,
    string
  >[];
  expect(csv).toHaveLength(30);
  for (const row of csv)
    expect(Number(row.accuracy)).toBeCloseTo(expected.get(row.trial ?? "") ?? -1, 12);
  const json = JSON.parse((await saved(page, "Trials", "JSON")).toString()) as {
    trial: string;
    scores: Record<string, { mean: number }>;
  }[];
  expect(json).toHaveLength(30);
  for (const { trial, scores } of json)
    expect(scores.accuracy?.mean).toBeCloseTo(expected.get(trial) ?? -1, 12);
  const latex = (await saved(page, "Trials", "LaTeX table")).toString();
  expect(latex).toContain("\\begin{tabular}");
  expect(latex.match(/\\\\/g)).toHaveLength(31);
  for (const { trial } of json) expect(latex).toContain(`${expected.get(trial)?.toFixed(4)}`);
});

test("exports what a chart shows in five formats", async ({ page }) => {
  await page.goto("/compare?experiment=browser&dataset=polarity&show=heat");
  const csv = parse(await saved(page, "Heat map", "CSV"), { columns: true }) as Record<
    string,
    string
  >[];
  expect(csv).toHaveLength(15);
  const json = JSON.parse((await saved(page, "Heat map", "JSON")).toString()) as {
    accuracy: number;
  }[];
  expect(json.map(({ accuracy }) => accuracy)).toEqual(csv.map(({ accuracy }) => Number(accuracy)));
  expect((await saved(page, "Heat map", "LaTeX table")).toString()).toContain(
    (json[0]?.accuracy ?? 0).toFixed(4),
  );
  const svg = (await saved(page, "Heat map", "SVG")).toString();
  expect(svg).toContain(`>${(json[0]?.accuracy ?? 0).toFixed(3)}</text>`);
  expect(svg).not.toContain("var(--");
  const png = await saved(page, "Heat map", "PNG");
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect(png.readUInt32BE(16)).toBeGreaterThan(300);
});

test("saves the layer curve as a drawing", async ({ page }) => {
  await page.goto("/compare?experiment=browser&dataset=polarity&show=curve");
  const svg = (await saved(page, "Accuracy by layer", "SVG")).toString();
  expect(svg).toMatch(/<g data-line="0" [^>]*stroke="rgb\(11, 103, 178\)"/);
  expect(svg).not.toContain("var(--");
  expect((await saved(page, "Accuracy by layer", "PNG")).length).toBeGreaterThan(5000);
});

test("defuses cells that a spreadsheet would run", async ({ page }) => {
  await page.goto("/compare?experiment=browser&show=trials");
  const text = (await saved(page, "Trials", "CSV")).toString();
  expect(text).toContain(`"'=HYPERLINK(""http://evil.example"",""x"")"`);
  expect(text).not.toMatch(/(^|,)"?=/m);
  const rows = parse(text, { columns: true }) as Record<string, string>[];
  expect(rows.filter(({ dataset }) => dataset === `'${hostile.formula}`)).toHaveLength(30);
});
