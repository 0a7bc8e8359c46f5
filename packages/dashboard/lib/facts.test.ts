/** @file The columns of facts hold what the store holds, also after it has grown, shrunk or got a second dataset of a name. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { exampleTrial, makeExample } from "../../runner/src/store/make-example.ts";
import { planTrials } from "../../runner/src/store/trials.ts";
import { recordDataset } from "../../runner/src/store/write.ts";
import { axes } from "./axes.ts";
import { type Facts, refreshFacts } from "./facts.ts";
import { placeOf } from "./row-numbers.ts";
import { openStore, type Store } from "./store.ts";
import { atOnce } from "./trial-columns.ts";

const folder = mkdtempSync(join(tmpdir(), "probegrid-"));
const file = join(folder, "store.db");
process.env.PROBEGRID_STORE = file;
const { store: writer, experiment } = makeExample(3, file);
afterAll(() => {
  writer.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Trials as the facts tell them, and as SQLite does. */
function bothWays({ database }: Store, facts: Facts) {
  const { words } = facts.dictionary;
  const told = Array.from(facts.trials, (key, place) => [
    ...[key, facts.layerIndex[place]],
    ...axes.map((axis) => words[facts.codes[axis][place] ?? -1]),
  ]);
  const stored = database
    .prepare(
      `select key, ifnull(layerIndex, -1), d.name, m.name, ifnull(layer, ''), ifnull(layerMethod, ''),
         ifnull(token, ''), classifier, options, ifnull(cast(seed as text), '')
       from trials t join datasets d on d.id = t.dataset join models m on m.id = t.model order by key`,
    )
    .raw()
    .all();
  return { told, stored };
}

function opened(): Store {
  const store = openStore();
  if (store === null) throw new Error("internal: the store was not made");
  return store;
}

test("reads every trial, and after a commit only the new ones", () => {
  const before = opened();
  const first = bothWays(before, before.facts);
  expect(first.told).toEqual(first.stored);
  expect(first.told).toHaveLength(3);
  planTrials(writer, experiment, [
    exampleTrial(7, { layer: "all", layerIndex: null, layerMethod: null, token: null, seed: 5 }),
    exampleTrial(8, { classifier: "logistic", options: "c=0.1", split: null }),
  ]);
  const after = opened();
  const second = bothWays(after, after.facts);
  expect(second.told).toEqual(second.stored);
  expect(second.told).toHaveLength(5);
  expect(after.facts.split[4]).not.toBe(after.facts.split[3]);
  // Numbers of words stay what they were, so what is known of old trials need not be read again.
  expect(after.facts.dictionary.words.slice(0, before.facts.dictionary.words.length)).toEqual(
    before.facts.dictionary.words,
  );
});

test("tells datasets of one name apart by the start of their ids, old trials too", () => {
  recordDataset(writer, {
    ...{ id: "other-2", name: "polarity", path: "b.jsonl", task: "classification" },
    ...{ labels: ["no", "yes"], targets: new Int32Array(6), findings: {} },
  });
  planTrials(writer, experiment, [
    exampleTrial(1, { id: "second", dataset: "other-2", split: null }),
  ]);
  const { facts } = opened();
  const names = Array.from(facts.codes.dataset, (code) => facts.dictionary.words[code]);
  expect(names.slice(0, 5)).toEqual(new Array(5).fill("polarity (data)"));
  expect(names[5]).toBe("polarity (othe)");
});

test("reads all again once a trial was removed", () => {
  const { facts, database } = opened();
  const gone = facts.trials[1] ?? 0;
  writer.sqlite.exec(
    `delete from experiment_trials where trial = ${gone}; delete from trials where key = ${gone}`,
  );
  const fresh = atOnce(refreshFacts(database, facts));
  expect([...fresh.trials]).toEqual([...facts.trials].filter((key) => key !== gone));
  expect(fresh.codes.layer).toHaveLength(facts.trials.length - 1);
});

test("finds the place of a trial, dense or not", () => {
  expect([3, 4, 5, 6].map((key) => placeOf(Int32Array.of(3, 4, 5), key))).toEqual([0, 1, 2, -1]);
  const sparse = Int32Array.of(2, 3, 5, 8, 13, 21);
  expect([...sparse, 1, 4, 22].map((key) => placeOf(sparse, key))).toEqual([
    ...[0, 1, 2, 3, 4, 5],
    ...[-1, -1, -1],
  ]);
  expect(placeOf(new Int32Array(), 1)).toBe(-1);
});
