/** @file Final periods: added, taken away, left alone. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loadDataset } from "./dataset.ts";
import { varyText } from "./text-variants.ts";

it.each([
  ["I went home", "I went home.", "I went home"],
  ["I went home.", "I went home.", "I went home"],
  ["it works .", "it works .", "it works"],
  ["I went home \n", "I went home.", "I went home \n"],
  ["Did you?", "Did you?", "Did you?"],
  ["Well...", "Well...", "Well..."],
  ["Well…", "Well…", "Well…"],
  ['He said "go."', 'He said "go."', 'He said "go"'],
  ['He said "go".', 'He said "go".', 'He said "go"'],
  ["(It was late.)", "(It was late.)", "(It was late)"],
  ["At 3.14", "At 3.14.", "At 3.14"],
  ["", "", ""],
  ["  ", "  ", "  "],
  [".", ".", ""],
])("%j becomes %j with, %j without a final period", (text, withPeriod, without) => {
  expect(varyText(text, "final-period")).toBe(withPeriod);
  expect(varyText(text, "no-final-period")).toBe(without);
  expect(varyText(text, "as-is")).toBe(text);
});

it("changes nothing the second time", () => {
  for (const text of ["a b", "a b.", "a b .", "a ..", "a. .", 'a."', "a…."]) {
    for (const variant of ["final-period", "no-final-period"] as const) {
      const once = varyText(text, variant);
      expect(varyText(once, variant)).toBe(once);
    }
  }
});

it("makes a dataset of its own, by id and by name", async () => {
  const folder = mkdtempSync(join(tmpdir(), "probegrid-variant-"));
  const path = join(folder, "sentences.csv");
  writeFileSync(path, "text,label\nI went home.,0\nDid you?,1\nIt rains,0\n");
  const plain = await loadDataset(path);
  const [with_, without, asIs] = await Promise.all(
    (["final-period", "no-final-period", "as-is"] as const).map((variant) =>
      loadDataset({ path, variant }),
    ),
  );
  await expect(loadDataset({ path, variant: "no-final-perod" })).rejects.toThrow(
    /variant: unknown variant "no-final-perod", did you mean "no-final-period"\?/,
  );
  rmSync(folder, { recursive: true });
  expect(with_?.texts).toEqual(["I went home.", "Did you?", "It rains."]);
  expect(without?.texts).toEqual(["I went home", "Did you?", "It rains"]);
  expect([with_?.name, without?.name]).toEqual([
    "sentences (final-period)",
    "sentences (no-final-period)",
  ]);
  expect(asIs?.id).toBe(plain.id);
  expect(new Set([plain.id, with_?.id, without?.id]).size).toBe(3);
});
