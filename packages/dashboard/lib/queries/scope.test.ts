/** @file Charts compare what can be compared. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { finishTrials } from "../../../runner/src/store/finish.ts";
import { exampleTrial, makeExample } from "../../../runner/src/store/make-example.ts";
import { claimTrials, planTrials } from "../../../runner/src/store/trials.ts";
import { openStore } from "../store.ts";
import { loadView, type View } from "../view.ts";
import { scopeOf } from "./scope.ts";

const folder = mkdtempSync(join(tmpdir(), "probegrid-"));
const file = join(folder, "store.db");
process.env.PROBEGRID_STORE = file;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("keeps the accuracy of what is explained from the accuracies of probes", () => {
  const { store: writer, experiment, environment } = makeExample(2, file);
  planTrials(writer, experiment, [
    exampleTrial(9, { id: "explained", kind: "attribute", classifier: "gradient", token: null }),
  ]);
  const ids = ["trial-0", "trial-1", "explained"];
  claimTrials(writer, ids);
  finishTrials(
    writer,
    ids.map((id) => ({
      ...{ id, environment, seconds: 1 },
      scores: ["accuracy", "comprehensiveness"].map((metric) => ({ metric, fold: 0, value: 0.5 })),
    })),
  );
  writer.close();
  const store = openStore();
  if (store === null) throw new Error("internal: the store was not made");
  const classifiers = (metric: string, asked: Partial<View> = {}) => {
    const { facts } = store;
    const { places } = scopeOf(store, { ...loadView({}), ...asked }, metric).columns();
    const { words } = facts.dictionary;
    return Array.from(places, (place) => words[facts.codes.classifier[place] ?? -1]);
  };
  expect(classifiers("accuracy")).toEqual(["lda", "lda"]);
  expect(classifiers("comprehensiveness")).toEqual(["lda", "lda", "gradient"]);
  expect(classifiers("accuracy", { classifier: ["gradient"] })).toEqual(["gradient"]);
});
