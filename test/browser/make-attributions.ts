/** @file Makes the store that the attribution pages are tested on: a real run on the demo model, then hostile words. */

import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { hostile, probegrid, root } from "./make-stores.ts";

/** Words of an attacker, of other scripts, and too long ones. */
export const hostileWords = [
  "<script>document.title='hacked'</script>",
  hostile.markup,
  hostile.formula,
  `"quoted" & 'so'`,
  "\u202Eright to left\u202C",
  "שלום",
  "🙂👩‍👩‍👧",
  "w".repeat(300),
  "\\input{evil}$&%",
  "+1-800",
] as const;

/** Rows of the first dataset whose tokens are replaced by them. */
export const hostileRows = [0, 5] as const;

/** Where the report of the run lies: tables that the runner computed by other code. */
export const reportFile = (folder: string): string => join(folder, "attributions", "report.json");

/** attribution.db: two datasets, one model, seven methods, two targets, the layers probed, and one dataset inspected. */
export function makeAttributions(folder: string): void {
  if (existsSync(join(folder, "attribution.db"))) return;
  const draft = join(folder, "attribution-draft.db");
  const places = ["--store", draft, "--cache", join(folder, "cache")];
  const [train, one, two] = [
    rowsOf(folder, { name: "train", from: 0, to: 320 }),
    rowsOf(folder, { name: "reviews", from: 320, to: 380 }),
    rowsOf(folder, { name: "tweets", from: 380, to: 430 }),
  ];
  const model = join(folder, "polarity");
  probegrid(
    ...["finetune", "--model", join(root, "models/demo-bert"), "--data", train],
    ...["--text", "text", "--label", "label", "--max-epochs", "2", "--learning-rate", "0.001"],
    ...["--out", model, ...places],
  );
  const usual = {
    kind: "attribute",
    datasets: [one, two],
    models: [model],
    checkedTexts: 2,
    infidelityDraws: 4,
    minCount: 2,
    minTokens: 5,
    keywords: 0, // contexts are inspect's here, below
  };
  const methods = [
    { name: "gradient", reduce: "squared-norm" },
    ...["integrated-gradients", "lrp", "attention-tracing", "occlusion"],
    { name: "information", steps: 4, samples: 4 },
  ];
  const files = [
    { ...usual, name: "words", methods, report: join(folder, "attributions") },
    {
      ...{ ...usual, name: "one label", datasets: [one], methods: ["occlusion"] },
      ...{ target: hostile.formula, report: join(folder, "attributions-label") },
    },
    {
      name: "layers",
      datasets: [one],
      models: [model],
      poolers: [{ layer: "each", token: "mean" }],
      classifiers: ["lda"],
      folds: { kind: "stratified", k: 3, seed: 1 },
    },
  ];
  for (const [i, experiment] of files.entries()) {
    const file = join(folder, `attribution-${i}.json`);
    writeFileSync(file, JSON.stringify(experiment, null, 2));
    probegrid("run", file, ...places);
  }
  probegrid(
    ...["inspect", "--model", model, "--data", two, "--text", "text", "--label", "label"],
    ...["--num-steps", "8", "--min-count", "2", "--keywords", "4"],
    ...["--out", join(folder, "inspected"), ...places],
  );
  plantWords(draft);
  renameSync(draft, join(folder, "attribution.db"));
}

/** Some demo sentences as a file, their labels renamed to what an attacker would call them. */
function rowsOf(
  folder: string,
  { name, from, to }: { readonly name: string; readonly from: number; readonly to: number },
): string {
  const lines = readFileSync(join(root, "data/demo/polarity.jsonl"), "utf8").split("\n");
  const rows = lines.slice(from, to).map((line) => {
    const { text, label } = JSON.parse(line) as { text: string; label: string };
    return JSON.stringify({
      text,
      label: label === "positive" ? hostile.markup : hostile.formula,
    });
  });
  const file = join(folder, `${name}.jsonl`);
  writeFileSync(file, `${rows.join("\n")}\n`);
  return file;
}

/** Replaces the ordinary tokens of two texts, as a foreign bundle could. */
function plantWords(file: string): void {
  const store = new Database(file);
  store.pragma("wal_checkpoint(truncate)");
  const found = store
    .prepare(
      `select a.trial, a.row, a.tokens from attributions a join trials t on t.key = a.trial
         join datasets d on d.id = t.dataset
         where d.name like '%reviews%' and a.row in (${hostileRows.join(", ")})`,
    )
    .all() as { trial: number; row: number; tokens: string }[];
  const change = store.prepare("update attributions set tokens = ? where trial = ? and row = ?");
  for (const { trial, row, tokens } of found) {
    const old = JSON.parse(tokens) as string[];
    const planted = old.map((token, i) =>
      i === 0 || i === old.length - 1 ? token : hostileWords[(i - 1 + row) % hostileWords.length],
    );
    change.run(JSON.stringify(planted), trial, row);
  }
  const pairs = hostileWords.map((word, i) => [word, 1 / (i + 2)]);
  store
    .prepare("update contexts set keyword = ?, words = ? where rowid = 1")
    .run(hostile.markup, JSON.stringify([...pairs, "no pair", ["no weight"]]));
  store.close();
}

/** large.db: the same store with its first dataset repeated to ten thousand texts. */
export function makeLarge(folder: string, texts = 10_000): void {
  const file = join(folder, "large.db");
  if (existsSync(file)) return;
  const draft = join(folder, "large-draft.db");
  copyFileSync(join(folder, "attribution.db"), draft);
  const store = new Database(draft);
  store.pragma("foreign_keys = off");
  const { id, rows, targets } = store
    .prepare("select id, rows, targets from datasets where name like '%reviews%'")
    .get() as { id: string; rows: number; targets: Buffer };
  const columns = [
    ...["target", "predicted", "logit", "residual", "tokens", "words", "scores"],
    ...["layers", "layerScores", "measures", "marks", "error"],
  ];
  store
    .prepare(
      `with recursive times(n) as (select 1 union all select n + 1 from times where n < ?)
       insert into attributions (trial, row, ${columns.join(", ")})
         select a.trial, a.row + times.n * ?, ${columns.map((name) => `a.${name}`).join(", ")} from times, attributions a
           join trials t on t.key = a.trial where t.dataset = ? and a.row + times.n * ? < ?`,
    )
    .run(Math.ceil(texts / rows), rows, id, rows, texts);
  const all = Buffer.concat(Array.from({ length: Math.ceil(texts / rows) }, () => targets));
  store
    .prepare("update datasets set rows = ?, targets = ? where id = ?")
    .run(texts, all.subarray(0, texts * 4), id);
  store.close();
  renameSync(draft, file);
}
