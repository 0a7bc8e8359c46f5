/** @file Real corpora, where a checkout has them beside it: row counts as their sources state them. */

import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type DatasetSpec, loadDataset } from "./dataset.ts";

const data = new URL("../../../../shared/data", import.meta.url).pathname;
const probing = (task: string, part: string): string => `xprobe/${task}.${part}.txt`;

/** Spec, rows, classes. */
const corpora: readonly (readonly [DatasetSpec, number, number])[] = [
  ["sent-conv/MR.rt-polarity.all", 10662, 2],
  ["sent-conv/Subj.subj.all", 10000, 2],
  ["sent-conv/CR.custrev.all", 3775, 2],
  ["sent-conv/SST5.stsa.fine.train", 8544, 5],
  ["sent-conv/SST5.stsa.fine.dev", 1101, 5],
  ["sent-conv/SST5.stsa.fine.test", 2210, 5],
  ["sent-conv/TREC.train.all", 5452, 6],
  ["sent-conv/TREC.test.all", 500, 6],
  ["sent-conv/TREC.raw.train", 5452, 50],
  [{ train: "sent-conv/TREC.train.all", test: "sent-conv/TREC.test.all" }, 5952, 6],
  ["sst2/train.tsv", 67349, 2],
  ["sst2/dev.tsv", 872, 2],
  [{ path: "cola/in_domain_train.tsv", text: 3, label: 1 }, 8551, 2],
  [{ path: "cola/in_domain_dev.tsv", text: 3, label: 1 }, 527, 2],
  ["rte/train.tsv", 2490, 2],
  ["rte/dev.tsv", 277, 2],
  ["sst-trees/train.txt", 9645, 5],
  ["sst-trees/dev.txt", 1101, 5],
  ["sst-trees/test.txt", 2210, 5],
  [probing("bigram_shift", "va"), 10000, 2],
  [probing("obj_number", "va"), 10000, 2],
  [probing("past_present", "va"), 10000, 2],
  [probing("sentence_length", "va"), 4998, 6],
  [probing("subj_number", "te.head2000"), 2000, 2],
  [probing("tree_depth", "va"), 10000, 5],
];

describe.skipIf(!existsSync(data))("corpora in shared/data", () => {
  test.each(corpora)("reads %j", async (spec, rows, classes) => {
    const { texts, labels, findings } = await loadDataset(spec, { from: data });
    expect([texts.length, labels?.length]).toEqual([rows, classes]);
    expect(findings.classCounts.reduce((sum, count) => sum + count)).toBe(rows);
  });

  test("reads the classes of trees as the flat files have them", async () => {
    const trees = await loadDataset("sst-trees/test.txt", { from: data });
    const flat = await loadDataset("sent-conv/SST5.stsa.fine.test", { from: data });
    expect(trees.findings.classCounts).toEqual(flat.findings.classCounts); // in another order
  });

  test("reads the pairs of RTE with their quotes", async () => {
    const { texts, textPairs, labels } = await loadDataset("rte/dev.tsv", { from: data });
    expect(texts[0]).toMatch(/^Dana Reeve, the widow of the actor/);
    expect(textPairs?.[0]).toBe("Christopher Reeve had an accident.");
    expect(labels).toEqual(["entailment", "not_entailment"]);
  });

  test("reads the Latin-1 corpora as text", async () => {
    const { texts, findings } = await loadDataset("sent-conv/MR.rt-polarity.all", { from: data });
    expect(findings.encoding).toBe("windows-1252");
    expect(texts.some((text) => text.includes("é"))).toBe(true);
    expect(texts.some((text) => text.includes("\ufffd"))).toBe(false);
  });
});
