/** @file Measures the dashboard in a browser against its budget: `npx tsx bench/dashboard.ts [--store FILE]...`. */

/// <reference lib="dom" />

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Browser, chromium, type Page } from "@playwright/test";
import { chromiumArguments, findChromium } from "../test/browser/chromium.ts";
import { makeStore } from "./make-store.ts";

const command = fileURLToPath(new URL("../packages/runner/bin/probegrid.mjs", import.meta.url));
/** Milliseconds, except the heap: MB. */
const budget = {
  "cold start of the command": 2000,
  "first paint, Experiments": 1000,
  "first paint, Compare": 1000,
  "filter change, server": 150,
  "filter change, to the screen": 300,
  "grouping change, server": 150,
  "grouping change, to the screen": 300,
  "heat map of 48 x 20, server": 100,
  "window of the table, server": 150,
  "CSV of every trial and metric": 3000,
  "CSV of every fold": 3000,
  "browser heap, MB": 200,
} as const;
type Figures = Partial<Record<keyof typeof budget, number>>;

const { values } = parseArgs({ options: { store: { type: "string", multiple: true } } });
const folder = mkdtempSync(join(tmpdir(), "probegrid-bench-"));
try {
  const stores =
    values.store ??
    [10_000, 100_000].map((trials) => {
      const file = join(folder, `${trials}.db`);
      console.log(`making a store of ${trials} trials...`);
      makeStore(file, trials);
      return file;
    });
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: [...chromiumArguments],
  });
  for (const store of stores) print(store, await measure(browser, store));
  await browser.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(browser: Browser, store: string): Promise<Figures> {
  const start = performance.now();
  const server = spawn(process.execPath, [command, "dashboard", "--store", store, "--port", "0"]);
  try {
    const address = await addressOf(server);
    const coldStart = performance.now() - start;
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const figures = {
      "cold start of the command": coldStart,
      "first paint, Compare": await firstPaint(page, `${address}/compare`),
      "first paint, Experiments": await firstPaint(page, address),
      ...(await changes(page, address)),
      ...(await downloads(address)),
      "browser heap, MB": await heap(page, address),
    };
    await page.close();
    return figures;
  } finally {
    server.kill();
  }
}

function addressOf(server: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    let text = "";
    server.stdout?.on("data", (data) => {
      text += data;
      const address = text.match(/http:\/\/\S+/)?.[0];
      if (address !== undefined) found(address);
    });
    server.stderr?.pipe(process.stderr);
    server.once("exit", (code) => failed(new Error(`dashboard ended with code ${code}`)));
  });
}

async function firstPaint(page: Page, address: string): Promise<number> {
  await page.goto(address, { waitUntil: "load" });
  return page.evaluate(
    () =>
      new Promise<number>((painted) => {
        new PerformanceObserver((list) => {
          const paint = list.getEntriesByName("first-contentful-paint")[0];
          if (paint !== undefined) painted(paint.startTime);
        }).observe({ type: "paint", buffered: true });
      }),
  );
}

/** Medians of five changes each, none of them seen before by the server. */
async function changes(page: Page, address: string): Promise<Figures> {
  await page.goto(`${address}/compare`, { waitUntil: "networkidle" });
  const boxes = page.locator("aside fieldset input[type=checkbox]");
  const filters = [];
  for (let i = 1; i <= 5; i++) filters.push(await change(page, () => boxes.nth(i).click()));
  await page.goto(`${address}/compare?show=curve,heat`, { waitUntil: "networkidle" });
  const groupings = [];
  for (const name of ["Token pooling", "Classifier", "Model", "Dataset", "Options"]) {
    const button = page.getByRole("button", { name, exact: true });
    groupings.push(await change(page, () => button.click()));
  }
  await page.goto(`${address}/compare?show=heat`, { waitUntil: "networkidle" });
  const heat = [];
  for (const axis of ["model", "classifier", "dataset", "seed"]) {
    const picker = page.getByRole("combobox", { name: "Columns" });
    await change(page, () => picker.selectOption(axis).then(() => undefined));
    heat.push(await change(page, () => picker.selectOption("layer").then(() => undefined)));
  }
  const table = [];
  for (const sort of ["low", "high", "std", "seconds", "layer"]) {
    const start = performance.now();
    await (await fetch(`${address}/api/trials?sort=${sort}&offset=5000&limit=100`)).text();
    table.push(performance.now() - start);
  }
  const middle = (all: readonly number[]) =>
    all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
  return {
    "filter change, server": middle(filters.map(({ server }) => server)),
    "filter change, to the screen": middle(filters.map(({ screen }) => screen)),
    "grouping change, server": middle(groupings.map(({ server }) => server)),
    "grouping change, to the screen": middle(groupings.map(({ screen }) => screen)),
    "heat map of 48 x 20, server": middle(heat.map(({ server }) => server)),
    "window of the table, server": middle(table),
  };
}

/** From the click until the page says that it is drawn and the next frame is out; the server's part from its request. */
async function change(
  page: Page,
  act: () => Promise<void>,
): Promise<{ server: number; screen: number }> {
  await page.evaluate(() => {
    performance.clearResourceTimings();
    const status = document.querySelector('main [role="status"]');
    const scope = globalThis as unknown as { drawn: Promise<number> };
    scope.drawn = new Promise((done) => {
      let start = 0;
      addEventListener("change", () => (start = performance.now()), { once: true, capture: true });
      addEventListener("click", () => (start = performance.now()), { once: true, capture: true });
      let pending = false;
      const watcher = new MutationObserver(() => {
        const drawing = status?.textContent !== "";
        if (drawing) pending = true;
        else if (pending) {
          watcher.disconnect();
          requestAnimationFrame(() => setTimeout(() => done(performance.now() - start), 0));
        }
      });
      if (status !== null)
        watcher.observe(status, { childList: true, characterData: true, subtree: true });
    });
  });
  await act();
  return page.evaluate(async () => {
    const screen = await (globalThis as unknown as { drawn: Promise<number> }).drawn;
    const requests = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
    const request = requests.find(({ name }) => name.includes("_rsc="));
    return {
      screen,
      server: request === undefined ? 0 : request.responseEnd - request.requestStart,
    };
  });
}

async function downloads(address: string): Promise<Figures> {
  const timed = async (path: string) => {
    const start = performance.now();
    const bytes = (await (await fetch(`${address}/export/${path}`)).arrayBuffer()).byteLength;
    console.log(`  ${path}: ${(bytes / 1e6).toFixed(1)} MB`);
    return performance.now() - start;
  };
  return {
    "CSV of every trial and metric": await timed("csv"),
    "CSV of every fold": await timed("folds.csv"),
  };
}

/** With every chart open, after scrolling through the table. */
async function heap(page: Page, address: string): Promise<number> {
  await page.goto(`${address}/compare?show=curve,heat,multiples,parallel,size,trials&lines=20`, {
    waitUntil: "networkidle",
  });
  const grid = page.getByRole("grid");
  for (let i = 1; i <= 20; i++) {
    await grid.evaluate(
      (element, step) => element.scrollTo(0, (element.scrollHeight * step) / 20),
      i,
    );
    await page.waitForTimeout(50);
  }
  const session = await page.context().newCDPSession(page);
  const { metrics } = await session
    .send("Performance.enable")
    .then(() => session.send("Performance.getMetrics"));
  return (metrics.find(({ name }) => name === "JSHeapUsedSize")?.value ?? 0) / 1e6;
}

function print(store: string, figures: Figures): void {
  console.log(`\n${store} (milliseconds; load of the machine ${loadavg()[0]?.toFixed(1)})`);
  for (const [name, limit] of Object.entries(budget)) {
    const value = figures[name as keyof typeof budget];
    const verdict = value === undefined ? "not measured" : value <= limit ? "ok" : "miss";
    console.log(
      `  ${name.padEnd(32)} ${(value ?? 0).toFixed(0).padStart(6)}  of ${String(limit).padEnd(5)} ${verdict}`,
    );
  }
}
