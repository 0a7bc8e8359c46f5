import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { expect, test, vi } from "vitest";
import yargs from "yargs";
import { finishTrials } from "../store/finish.ts";
import { exampleTrial, makeExample } from "../store/make-example.ts";
import { finishRun, startRun } from "../store/runs.ts";
import { claimTrials, failTrial, planTrials } from "../store/trials.ts";
import { commands } from "./index.ts";

/** A store with two finished trials, one that failed and one to do; one classifier looks like a formula. */
function makeStore(): string {
  const file = join(mkdtempSync(join(tmpdir(), "commands-")), "store.db");
  const { store, experiment, environment } = makeExample(3, file);
  const run = { experiment, environment, command: "probegrid run a.json" };
  const key = startRun(store, { ...run, device: "cpu", workers: 2 });
  const evil = exampleTrial(1, { id: "evil", classifier: "=cmd()\u001b[31m", layerIndex: 1 });
  planTrials(store, experiment, [0, 1, 2].map((layer) => exampleTrial(layer)).concat(evil));
  const scores = [0.5, 1, 0.75].map((value, fold) => ({ metric: "accuracy", fold, value }));
  claimTrials(store, ["trial-0", "evil", "trial-1"]);
  finishTrials(
    store,
    ["trial-0", "evil"].map((id) => ({ id, environment, seconds: 1, scores })),
  );
  failTrial(store, "trial-1", new Error("covariance is\nsingular"));
  finishRun(store, key, "stopped");
  store.close();
  return file;
}

/** What a command line prints. */
async function printed(...args: readonly string[]): Promise<string> {
  const { command, describe, load } = commands.find(
    (one) => one.command.split(" ")[0] === args[0],
  )!;
  const parts = { command, describe, ...(await load()) };
  let text = "";
  const write = vi.spyOn(process.stdout, "write").mockImplementation((part) => {
    text += part;
    return true;
  });
  try {
    await yargs([...args])
      .command(parts)
      .strict()
      .exitProcess(false)
      .fail((message, error) => {
        throw error ?? new Error(message);
      })
      .parseAsync();
  } finally {
    write.mockRestore();
  }
  return text;
}

test("results as a table: what rows share above it, what is missing below it", async () => {
  const lines = (await printed("results", "--store", makeStore())).split("\n");
  expect(lines).toEqual([
    "experiment layers, kind probe, dataset polarity, model demo-bert, layer method mean, token mean",
    "",
    "layer  classifier  metric    folds    mean     std  95 % over folds   95 % over items  gain over layer 0  baselines  trial    flags",
    "─────  ──────────  ────────  ─────  ──────  ──────  ────────────────  ───────────────  ─────────────────  ─────────  ───────  ─────",
    "    0  lda         accuracy      3  0.7500  0.2500  0.0000 to 1.0000  –                           0.0000             trial-0",
    "    1  =cmd()      accuracy      3  0.7500  0.2500  0.0000 to 1.0000  –                                –             evil",
    "",
    "without scores: 1 trial failed, 1 trial still to do (probegrid status says more)",
    "",
  ]);
});

test("results as JSON hold every value", async () => {
  const rows = JSON.parse(await printed("results", "--store", makeStore(), "--format", "json"));
  expect(rows).toHaveLength(2);
  expect(rows[0]).toMatchObject({ trial: "trial-0", layer: 0, mean: 0.75, values: [0.5, 1, 0.75] });
});

test("results as CSV are read back by a CSV parser, formulas neutralised", async () => {
  const text = await printed("results", "--store", makeStore(), "--format", "csv", "--by", "fold");
  const rows: readonly Record<string, string>[] = parse(text, { columns: true });
  expect(rows.map(({ trial, fold, value }) => `${trial} ${fold} ${value}`)).toEqual([
    ...["trial-0 0 0.5", "trial-0 1 1", "trial-0 2 0.75"],
    ...["evil 0 0.5", "evil 1 1", "evil 2 0.75"],
  ]);
  expect(rows[3]?.classifier).toBe("'=cmd()");
});

test("results of nothing", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "commands-")), "store.db");
  makeExample(2, file).store.close();
  expect(await printed("results", "--store", file, "--format", "json")).toBe("[\n]\n");
  expect(await printed("results", "--store", file)).toBe(
    `no results yet in ${file}\n\nwithout scores: 2 trials still to do (probegrid status says more)\n`,
  );
});

test("status shows state, best score, remarks and failures", async () => {
  const file = makeStore();
  await printed("note", "layers", "peaks early", "--store", file);
  await printed("tag", "layers", "paper", "--store", file);
  const text = await printed("status", "--store", file);
  expect(text).toMatch(
    /^layers +stopped +2 +1 +1 +accuracy 0\.750 \(0\.000 to 1\.000\) +layer 0, mean, lda/m,
  );
  expect(text).toContain("\nlayers: [paper] peaks early\n");
  expect(text).toContain("\n1 failed trial (run the experiment again to try them once more):\n");
  expect(text).toMatch(/^trial-1 +layers +[-\d: ]+ +covariance is$/m);
});

test("note and tag say what they did, and undo it", async () => {
  const file = makeStore();
  expect(await printed("note", "layers", "a", "--store", file)).toBe("layers: noted\n");
  expect(await printed("note", "layers", "", "--store", file)).toBe("layers: note removed\n");
  const tag = (...rest: string[]) => printed("tag", "layers", "paper", "--store", file, ...rest);
  expect(await tag()).toBe("layers: tagged paper\n");
  expect(await tag()).toBe("layers: already has the tag paper\n");
  expect(await tag("--remove")).toBe("layers: tag paper removed\n");
  expect(await tag("--remove")).toBe("layers: has no tag paper\n");
});

test("a missing store is named and not made", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "commands-")), "no.db");
  for (const command of [["status"], ["results"], ["note", "a", "b"], ["tag", "a", "b"]]) {
    await expect(printed(...command, "--store", file)).rejects.toThrow(
      `store ${file}: no such file`,
    );
  }
  expect(existsSync(file)).toBe(false);
});
