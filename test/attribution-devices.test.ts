/** @file Attributions on several devices: models are trained and texts explained side by side, to the same bits as in one process. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { openStore } from "../packages/runner/src/store/index.ts";
import { probegrid } from "./probegrid.ts";

const base = new URL("fixtures/models/bert-classification", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "probegrid-devices-"));
afterAll(() => rmSync(folder, { recursive: true }));

const words = ["a", "and", "of", "the"];
const texts = Array.from({ length: 60 }, (_, i) => ({
  text: Array.from({ length: 2 + (i % 5) }, (_, k) => words[(i * (k + 1)) % 4]).join(" "),
  label: ["no", "yes"][i % 2],
}));
const data = join(folder, "texts.jsonl");
writeFileSync(data, texts.map((one) => JSON.stringify(one)).join("\n"));
const file = join(folder, "grid.json");
const tuned = { base, maxEpochs: 2, batchSize: 8, learningRate: 1e-3 };
writeFileSync(
  file,
  JSON.stringify({
    ...{ kind: "attribute", name: "devices", datasets: data, report: join(folder, "report") },
    models: [
      { ...tuned, seed: 1 },
      { ...tuned, seed: 2 },
    ],
    methods: ["ig", "lrp", { name: "information", steps: 2, samples: 2 }],
    ...{ minCount: 1, minTokens: 2, checkedTexts: 2, infidelityDraws: 4 },
  }),
);

async function run(name: string, ...ways: readonly string[]) {
  const store = join(folder, `${name}.db`);
  const places = ["--store", store, "--cache", join(folder, `cache-${name}`)];
  const { code, out, err } = await probegrid("run", file, ...places, ...ways);
  expect(code, err).toBe(0);
  using opened = openStore(store, { readonly: true });
  const rows = opened.sqlite
    .prepare(
      `select t.id, a.row, a.target, hex(a.scores), hex(a.layerScores), a.measures, a.residual
       from trials t join attributions a on a.trial = t.key order by t.id, a.row`,
    )
    .all();
  return { out, rows };
}

it("trains and explains on two devices what one process does, to the bit", async () => {
  const { out, rows } = await run("two", "--devices", "cpu:0,cpu:1");
  expect(out).toContain("2 models to fine-tune first");
  // Where several are trained at once, each is told of by a name of its own.
  expect(new Set(out.match(/^train [0-9a-f]{6}/gm)).size).toBe(2);
  expect(rows.length).toBe(2 * 4 * 12); // models, methods with the random one, a fifth of the texts
  expect(rows).toEqual((await run("one", "--executor", "inline")).rows);
});
