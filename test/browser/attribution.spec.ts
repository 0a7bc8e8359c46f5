/** @file Attribution pages: numbers equal the store's, hostile words stay words, everything is in the URL. */

/// <reference lib="dom" />

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { parse } from "csv-parse/sync";
import { amount, explained, wordsOf } from "./attribution-store.ts";
import { average, expect, query, startDashboard, storeFolder, test as usual } from "./fixtures.ts";
import { hostileWords, makeAttributions, makeLarge, reportFile } from "./make-attributions.ts";
import { hostile } from "./make-stores.ts";

const test = usual.extend<
  object,
  { readonly dashboard: Awaited<ReturnType<typeof startDashboard>> }
>({
  dashboard: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what is destructured
    async ({}, use) => {
      makeAttributions(storeFolder());
      makeLarge(storeFolder());
      const server = await startDashboard(join(storeFolder(), "attribution.db"));
      if (server.address === "") throw new Error(`no dashboard: ${server.output()}`);
      await use(server);
      await server.stop();
    },
    { scope: "worker", timeout: 600_000 },
  ],
});
test.setTimeout(120_000);

const base = "dataset=reviews&target=predicted";
const methods = ["gradient", "integrated-gradients", "lrp", "attention-tracing", "occlusion"];

/** Rows of a chart's own table, cells apart. */
async function tableOf(page: Page, title: string): Promise<readonly (readonly string[])[]> {
  await page.getByRole("button", { name: `Table of ${title}` }).click();
  const region = page.getByRole("region", { name: `${title} as a table` });
  const rows = await region.getByRole("row").all();
  const cells = await Promise.all(
    rows.map((row) =>
      row.locator("th, td").evaluateAll((all) => all.map((c) => c.textContent ?? "")),
    ),
  );
  return cells.slice(1);
}

async function saved(page: Page, chart: string, format: string): Promise<Buffer> {
  await page.getByLabel(`Export ${chart}`, { exact: true }).click();
  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: format, exact: true }).locator("visible=true").click();
  return readFileSync(await (await coming).path());
}

test("shows a text under every method with the sums of the store's token scores", async ({
  page,
}) => {
  await page.goto(`/attribution?${base}&example=3`);
  const own = explained("reviews").filter(({ row }) => row === 3);
  expect(own.map(({ method }) => method).toSorted()).toEqual(
    [...methods, "information", "random"].toSorted(),
  );
  const csv = parse(await saved(page, "Sentences by method", "CSV"), {
    columns: true,
  }) as Record<string, string>[];
  for (const found of own) {
    const words = wordsOf(found);
    expect(csv).toHaveLength(words.length);
    for (const [i, [, score]] of words.entries()) {
      expect(Number(csv[i]?.[found.method])).toBeCloseTo(score, 10);
    }
    const sentence = page.getByRole("region", { name: found.method, exact: true });
    await expect(sentence.locator("[data-word]")).toHaveCount(words.length);
    const most = Math.max(...words.slice(1, -1).map(([, score]) => Math.abs(score)));
    await expect(sentence).toContainText(`largest ${amount(most)}`);
    const shares = await sentence
      .locator("[data-word]")
      .evaluateAll((all) => all.map((word) => Number((word as HTMLElement).dataset.share)));
    for (const [i, [, score]] of words.slice(1, -1).entries()) {
      expect(shares[i + 1]).toBeCloseTo(score / most, 3);
    }
  }
  await expect(page.locator("[data-row]")).toHaveText(/^row 3, 4 of 60$/);
});

test("reads a word aloud under all methods with the arrow keys", async ({ page }) => {
  await page.goto(`/attribution?${base}&example=3&methods=lrp,occlusion`);
  await page.getByRole("group", { name: /words coloured by 2 methods/ }).focus();
  for (const key of ["ArrowRight", "ArrowRight", "ArrowDown"]) await page.keyboard.press(key);
  const find = (method: string) =>
    wordsOf(
      explained("reviews").find((one) => one.row === 3 && one.method === method) ?? never(),
    )[1] ?? never();
  const reading = page.locator("p[aria-live='polite']").first();
  await expect(reading).toHaveText(
    new RegExp(
      `^${find("lrp")[0]}occlusion ${amount(find("occlusion")[1])}lrp ${amount(find("lrp")[1])}$`,
    ),
  );
});

test("keeps pieces, methods, text, order and search in the URL", async ({ page }) => {
  await page.goto(`/attribution?${base}`);
  await page.getByRole("button", { name: "Pieces" }).click();
  await expect(page).toHaveURL(/merge=false/);
  await page.getByRole("button", { name: "random", exact: true }).click();
  await expect(page).toHaveURL(/methods=gradient/);
  await expect(page.getByRole("region", { name: "random", exact: true })).toHaveCount(0);
  await page.getByLabel("Order texts by").selectOption("residual");
  await page.getByRole("button", { name: /^Rising/ }).click();
  await expect(page).toHaveURL(/order=desc/);
  const gaps = new Map<number, number>();
  for (const { row, residual, method } of explained("reviews")) {
    if (residual === null || method === "random") continue;
    gaps.set(row, Math.max(gaps.get(row) ?? 0, Math.abs(residual)));
  }
  const [widest] = [...gaps].toSorted((a, b) => b[1] - a[1] || a[0] - b[0]);
  await expect(page.locator("[data-row]")).toHaveText(new RegExp(`^row ${widest?.[0]}, 1 of 60$`));
  await page.getByRole("searchbox", { name: "Search texts" }).fill("never");
  await expect(page).toHaveURL(/find=never/);
  const fitting = new Set(
    explained("reviews")
      .filter((one) => wordsOf(one).some(([word]) => word.includes("never")))
      .map(({ row }) => row),
  ).size;
  await expect(page.locator("[data-fitting]")).toHaveText(`${fitting} of 60 texts`);
  await page.reload();
  await expect(page.locator("[data-fitting]")).toHaveText(`${fitting} of 60 texts`);
  await expect(page.getByRole("button", { name: "Pieces" })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  await page.getByRole("searchbox", { name: "Search texts" }).fill("no text says this");
  await expect(page.getByText("No text fits.")).toBeVisible();
});

test("filters by correctness, steps through texts and switches the target", async ({ page }) => {
  const labels = labelsOf("reviews");
  const wrong = explained("reviews").filter(
    ({ method, row, predicted }) => method === "lrp" && predicted !== labels[row],
  );
  await page.goto(`/attribution?${base}`);
  await page.getByLabel("Which texts").selectOption("wrong");
  await expect(page.locator("[data-fitting]")).toHaveText(`${wrong.length} of 60 texts`);
  await page.getByRole("link", { name: "Next text" }).click();
  await expect(page.locator("[data-row]")).toHaveText(
    new RegExp(`^row ${wrong[1]?.row}, 2 of ${wrong.length}$`),
  );
  await page.getByLabel("explained").selectOption(hostile.formula);
  await expect(page).toHaveURL(/target=/);
  await expect(page.locator("main")).toContainText("60 texts, 2 methods");
  const [other] = explained("reviews", hostile.formula);
  expect(other?.target).toBe(hostile.formula);
});

test("shows hostile words as words, everywhere", async ({ page }) => {
  for (const part of ["", "/words", "/faithfulness", "/agreement", "/layers"]) {
    await page.goto(`/attribution${part}?${base}&example=0&count=1&method=lrp`);
    await page.waitForLoadState("networkidle");
    expect(await page.title()).toContain("Attribution");
    expect(
      await page.locator("main script, main img, main iframe, main input[onfocus]").count(),
    ).toBe(0);
  }
  await page.goto(`/attribution?${base}&example=0&merge=false`);
  const own = explained("reviews").find(({ row }) => row === 0) ?? never();
  const lrp = page.getByRole("region", { name: "lrp", exact: true });
  const shown = await lrp.locator("[data-word]").allTextContents();
  expect(shown).toEqual(own.tokens);
  expect(shown).toContain(hostileWords[0]);
  const csv = (await saved(page, "Sentences by method", "CSV")).toString();
  expect(csv).toContain(`"'=HYPERLINK(""http://evil.example"",""x"")"`);
  expect(csv).not.toMatch(/(^|,)"?[=@]/m);
  await page.setViewportSize({ width: 390, height: 800 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});

test("ranks words of a class by the mean over their occurrences", async ({ page }) => {
  await page.goto(
    `/attribution/words?${base}&method=lrp&count=2&label=${encodeURIComponent(hostile.formula)}`,
  );
  const occurrences = new Map<string, number[]>();
  for (const one of explained("reviews")) {
    if (one.method !== "lrp" || one.target !== hostile.formula) continue;
    const words = wordsOf(one).slice(1, -1);
    const most = Math.max(...words.map(([, score]) => Math.abs(score)));
    for (const [word, score] of words) {
      occurrences.set(word, [...(occurrences.get(word) ?? []), score / most]);
    }
  }
  const ranked = [...occurrences]
    .filter(([, scores]) => scores.length >= 2)
    .map(([word, scores]) => ({ word, mean: average(scores), count: scores.length }))
    .toSorted((a, b) => b.mean - a.mean);
  const csv = parse(await saved(page, "Words", "CSV"), { columns: true }) as Record<
    string,
    string
  >[];
  expect(csv).toHaveLength(ranked.length);
  for (const { word, mean, count } of ranked) {
    const row = csv.find((one) => one.word === word || one.word === `'${word}`) ?? never();
    expect(Number(row.lrp)).toBeCloseTo(mean, 10);
    expect(Number(row.occurrences)).toBe(count);
    // Words with the same mean may stand in any order.
    expect(Number(row.rank)).toBeGreaterThan(ranked.filter((one) => one.mean > mean + 1e-9).length);
    expect(Number(row.rank)).toBeLessThanOrEqual(
      ranked.filter((one) => one.mean > mean - 1e-9).length,
    );
  }
  const first = page.getByRole("region", { name: "Words of the class" }).getByRole("row").nth(1);
  const leading = ranked.filter(({ mean }) => mean > (ranked[0]?.mean ?? 0) - 1e-9);
  const shown = await first.textContent();
  expect(leading.filter(({ word }) => shown?.includes(word))).not.toEqual([]);
  await expect(first).toContainText(amount(ranked[0]?.mean ?? 0));
  const cloud = page.getByRole("img", { name: /^For =HYPERLINK/ });
  const positive = ranked.filter(({ mean }) => mean > 0).length;
  await expect(cloud.locator("text")).toHaveCount(Math.min(40, positive));
});

test("draws deletion curves, agreement and correlations as the run's own report has them", async ({
  page,
}) => {
  const report = JSON.parse(readFileSync(reportFile(storeFolder()), "utf8")) as Report;
  await page.goto(`/attribution/faithfulness?${base}`);
  const deletion = report.deletion.find(({ dataset }) => dataset === "reviews") ?? never();
  const curves = new Map<string, string>();
  for (const [method, k, mean] of await tableOf(page, "Words taken out, highest first")) {
    curves.set(`${method} ${k}`, mean ?? "");
  }
  for (const { method, points } of deletion.methods) {
    expect(points[0]?.mean).toBe(1);
    for (const [k, { mean }] of points.entries()) {
      expect(Number(curves.get(`${method} ${k}`))).toBeCloseTo(mean, 4);
    }
  }
  await page.goto(`/attribution/agreement?${base}&method=lrp`);
  const agreement = report.agreement.find(({ dataset }) => dataset === "reviews") ?? never();
  const told = await tableOf(page, "Agreement of methods");
  expect(told).toHaveLength(agreement.pairs.length);
  for (const { a, b, tau } of agreement.pairs) {
    const row = told.find((one) => [one[0], one[1]].includes(a) && [one[0], one[1]].includes(b));
    expect(Number(row?.[2]?.replace("−", "-"))).toBeCloseTo(tau ?? 9, 4);
  }
  const pairs = JSON.parse(
    (await saved(page, "Word scores across datasets", "JSON")).toString(),
  ) as readonly { readonly word: string; readonly "r of the pair": number }[];
  const [a, b] = [sizesOf("reviews"), sizesOf("tweets")];
  const shared = [...a.keys()].filter((word) => b.has(word));
  expect(pairs.map(({ word }) => word).toSorted()).toEqual(shared.toSorted());
  const r = pearson(shared.map((word) => [a.get(word) ?? 0, b.get(word) ?? 0]));
  expect(pairs[0]?.["r of the pair"]).toBeCloseTo(r, 8);
});

test("shows σ by word and layer, and the best probed layer beside it", async ({ page }) => {
  await page.goto(`/attribution/layers?${base}&example=3&method=information&merge=false`);
  const own =
    explained("reviews").find(({ row, method }) => row === 3 && method === "information") ??
    never();
  expect(own.layers).toEqual([1, 2, 3, 4, 5, 6]);
  const table = await tableOf(page, "Noise that words bear, by layer");
  expect(table).toHaveLength(own.tokens.length);
  for (const [i, row] of table.entries()) {
    for (const l of own.layers.keys()) {
      const sigma = own.layerScores[l * own.tokens.length + i] ?? 0;
      expect(Number(row[2 + l])).toBeCloseTo(sigma, 3);
    }
  }
  const best = query<{ layer: number; mean: number }>(
    "attribution.db",
    `select t.layerIndex as layer, avg(s.value) as mean from scores s join trials t on t.key = s.trial
       where t.kind = 'probe' and s.metric = 'accuracy' group by t.key order by mean desc limit 1`,
  )[0];
  const chart = page.getByRole("img", { name: /^By layer: probing accuracy above share on words/ });
  await expect(chart).toContainText(
    `best probed: ${best?.mean.toFixed(3)} at layer ${best?.layer}`,
  );
});

test("shows the words around the keywords that inspect recorded, hostile ones as words", async ({
  page,
}) => {
  const contexts = query<{ label: string; keyword: string; words: string; occurrences: number }>(
    "attribution.db",
    "select label, keyword, words, occurrences from contexts where words <> '[]' order by rowid",
  );
  const first = contexts[0] ?? never();
  const inspected = `dataset=tweets&target=true&count=1&label=${encodeURIComponent(first.label)}`;
  await page.goto(`/attribution/words?${inspected}`);
  const table = page.getByRole("region", { name: "Words around the keyword" });
  const cells = async () =>
    await table
      .getByRole("row")
      .evaluateAll((rows) =>
        rows.slice(1).map((row) => [...row.children].map((c) => c.textContent)),
      );
  expect(first.keyword).toBe(hostile.markup);
  expect(await cells()).toEqual(
    hostileWords.map((word, i) => [`${i + 1}`, word, amount(1 / (i + 2))]),
  );
  expect(await page.locator("main script, main img, main input[onfocus]").count()).toBe(0);

  const other =
    contexts.find(({ label, keyword }) => label === first.label && keyword !== first.keyword) ??
    never();
  const pairs = JSON.parse(other.words) as readonly (readonly [string, number])[];
  await page
    .getByRole("region", { name: "Words of the class" })
    .getByRole("button", { name: other.keyword, exact: true })
    .click();
  await expect(page).toHaveURL(new RegExp(`around=${other.keyword}`));
  await expect(page.locator("[data-context]")).toHaveAttribute("data-context", other.keyword);
  expect(await cells()).toEqual(
    pairs.map(([word, weight], i) => [`${i + 1}`, word, amount(weight)]),
  );
  await expect(page.getByRole("img", { name: `Around ${other.keyword}:` })).toContainText(
    pairs[0]?.[0] ?? "",
  );
  const csv = parse(await saved(page, `Words around ${other.keyword}`, "CSV"), { columns: true });
  expect((csv as Record<string, string>[]).map((row) => Number(row["mean attention"]))).toEqual(
    pairs.map(([, weight]) => weight),
  );

  const clouded = page.getByRole("button", { name: /^words around / }).first();
  const name = (await clouded.getAttribute("aria-label"))?.slice("words around ".length) ?? "";
  await clouded.press("Enter");
  await expect(page.locator("[data-context]")).toHaveAttribute("data-context", name);
});

test("exports sentences and maps as drawings without a style sheet", async ({ page }) => {
  await page.goto(`/attribution?${base}&example=3`);
  const svg = (await saved(page, "Sentences by method", "SVG")).toString();
  expect(svg).not.toContain("var(--");
  expect(svg).not.toContain("<bdi");
  for (const [word] of wordsOf(explained("reviews").find(({ row }) => row === 3) ?? never())) {
    expect(svg).toContain(`>${word}</text>`);
  }
  expect((await saved(page, "Sentences by method", "PNG")).subarray(1, 4).toString()).toBe("PNG");
  const latex = (await saved(page, "Scores by word and method", "LaTeX table")).toString();
  expect(latex).toContain("\\begin{tabular}");
  await page.goto(`/attribution/words?${base}&count=1`);
  expect((await saved(page, "Strongest words", "SVG")).toString()).toMatch(
    /<circle [^>]*fill="rgb/,
  );
});

test("exports every token score of all texts", async ({ page, baseURL }) => {
  await page.goto(`/attribution?${base}&methods=lrp,occlusion`);
  const csv = (await saved(page, "the scores of all texts", "CSV, a token a line")).toString();
  const rows = parse(csv, { columns: true }) as Record<string, string>[];
  const own = explained("reviews").filter(({ method }) => method === "lrp");
  const all = own.flatMap(({ row, scores }) => scores.map((score) => [row, score] as const));
  expect(rows.map(({ row, lrp }) => [Number(row), Number(lrp)])).toEqual(all);
  expect(Object.keys(rows[0] ?? {}).slice(-2)).toEqual(["lrp", "occlusion"]);
  const answer = await fetch(`${baseURL}/attribution/export/jsonl?${base}`);
  const texts = (await answer.text()).trim().split("\n");
  expect(texts).toHaveLength(60);
  const third = JSON.parse(texts[3] ?? "") as { methods: { lrp: { logit: number } } };
  expect(third.methods.lrp.logit).toBe(own[3]?.logit);
  expect((await fetch(`${baseURL}/attribution/export/exe`)).status).toBe(404);
});

test("sends a page of ten thousand texts, not all", async ({ page }) => {
  const server = await startDashboard(join(storeFolder(), "large.db"));
  try {
    const answer = await page.goto(`${server.address}/attribution?${base}&page=300`);
    expect((await answer?.body())?.length).toBeLessThan(600_000);
    await expect(page.locator("main")).toContainText("10,000 texts");
    await expect(page.locator("[data-row]")).toHaveText("row 3588, 3,589 of 10,000");
    await expect(page.getByRole("region", { name: "Texts" }).getByRole("listitem")).toHaveCount(12);
  } finally {
    await page.goto("/attribution");
    await server.stop();
  }
});

test("says what to type where nothing was explained", async ({ page }) => {
  const server = await startDashboard(join(storeFolder(), "done.db"));
  try {
    for (const part of ["", "/words", "/faithfulness", "/agreement", "/layers"]) {
      await page.goto(`${server.address}/attribution${part}`);
      await expect(page.getByText("npx probegrid run experiments/word-deletion.ts")).toBeVisible();
      await page.waitForLoadState("networkidle");
    }
  } finally {
    await server.stop();
  }
  await page.goto(
    `/attribution/layers?dataset=reviews&target=${encodeURIComponent(hostile.formula)}`,
  );
  await expect(page.getByText('"attention-tracing", "information"')).toBeVisible();
});

type Report = {
  readonly deletion: readonly {
    readonly dataset: string;
    readonly methods: readonly {
      readonly method: string;
      readonly points: readonly { readonly mean: number }[];
    }[];
  }[];
  readonly agreement: readonly {
    readonly dataset: string;
    readonly pairs: readonly { readonly a: string; readonly b: string; readonly tau: number }[];
  }[];
};

/** True labels of a dataset by row. */
function labelsOf(dataset: string): readonly (string | undefined)[] {
  const found = query<{ labels: string; targets: Buffer }>(
    "attribution.db",
    "select labels, targets from datasets where name = ?",
    dataset,
  )[0];
  const labels = JSON.parse(found?.labels ?? "[]") as readonly string[];
  const { targets } = found ?? never();
  return Array.from({ length: targets.length / 4 }, (_, i) => labels[targets.readInt32LE(i * 4)]);
}

/** Mean |score| / largest |score| of the tokens that occur twice in texts of five tokens or more, under lrp. */
function sizesOf(dataset: string): ReadonlyMap<string, number> {
  const sizes = new Map<string, number[]>();
  for (const { method, tokens, words, scores } of explained(dataset)) {
    if (method !== "lrp" || tokens.length < 5) continue;
    const own = scores.map(Math.abs).filter((_, i) => words[i] !== -1);
    for (const [i, token] of tokens.filter((_, k) => words[k] !== -1).entries()) {
      sizes.set(token, [...(sizes.get(token) ?? []), (own[i] ?? 0) / Math.max(...own)]);
    }
  }
  const frequent = [...sizes].filter(([, all]) => all.length >= 2);
  return new Map(frequent.map(([token, all]) => [token, average(all)]));
}

/** Pearson's r from sums of products. */
function pearson(points: readonly (readonly [number, number])[]): number {
  const sum = (of: (point: readonly [number, number]) => number) =>
    points.reduce((total, point) => total + of(point), 0);
  const n = points.length;
  const [x, y] = [sum(([a]) => a), sum(([, b]) => b)];
  const top = n * sum(([a, b]) => a * b) - x * y;
  const spread = (n * sum(([a]) => a * a) - x * x) * (n * sum(([, b]) => b * b) - y * y);
  return top / Math.sqrt(spread);
}

function never(): never {
  throw new Error("the store lacks what the test looks for");
}
