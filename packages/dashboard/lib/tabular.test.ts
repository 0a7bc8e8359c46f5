/** @file Exports keep numbers exact and hostile text harmless. */

import { expect, test } from "vitest";
import { toCsv, toJson, toLatex } from "./tabular.ts";

const table = {
  columns: ["name", "score"],
  rows: [
    ["=1+1", 0.1],
    ["+a", -2],
    ["-b", null],
    ["@c", 1e-7],
    ["\td", 3],
    ['say "x", y', 0.30000000000000004],
  ],
} as const;

test("puts an apostrophe before text that a spreadsheet would run, and quotes what needs it", () => {
  expect(toCsv(table)).toBe(
    [
      "name,score",
      "'=1+1,0.1",
      "'+a,-2",
      "'-b,",
      "'@c,1e-7",
      "'\td,3",
      '"say ""x"", y",0.30000000000000004',
      "",
    ].join("\r\n"),
  );
});

test("writes records as JSON without losing digits", () => {
  expect(JSON.parse(toJson(table))[5]).toEqual({ name: 'say "x", y', score: 0.30000000000000004 });
});

test("writes the numbers of a LaTeX column with as many decimals", () => {
  const latex = toLatex({
    columns: ["layer", "accuracy"],
    rows: [
      [0, 0.95],
      [1, 1],
    ],
  });
  expect(latex).toContain("0 & 0.9500 \\\\\n1 & 1.0000 \\\\");
});

test("escapes every character that LaTeX reads", () => {
  const latex = toLatex({ columns: ["a_b"], rows: [["50 % & \\cmd{x} #1 ~ ^ <i> $"]] });
  expect(latex).toContain("a\\_b \\\\");
  expect(latex).toContain(
    "50 \\% \\& \\textbackslash{}cmd\\{x\\} \\#1 \\textasciitilde{} \\textasciicircum{} \\textless{}i\\textgreater{} \\$ \\\\",
  );
});
