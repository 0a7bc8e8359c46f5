import { expect, test } from "vitest";
import { parseJson } from "./parse-json.ts";

const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

test("reads what JSON.parse reads", () => {
  const texts = [
    '{"a":[1,{"b":"]}["}],"c\\\\":"\\"[[["}',
    '"[[["',
    "1e3",
    "null",
    '["\\\\\\"", []]',
    nested(100),
  ];
  for (const text of texts) expect(parseJson(text, { depth: 100 })).toEqual(JSON.parse(text));
  for (const text of ["", "[1,", '"abc', "]]]]", "{'a':1}"]) {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  }
});

test("refuses nesting and numbers of values that would fill stack or memory, before it builds them", () => {
  expect(() => parseJson(nested(101))).toThrow("expected at most 100 levels");
  expect(() => parseJson("[".repeat(5e6))).toThrow("expected at most 100 levels");
  expect(() => parseJson('{"a":'.repeat(1e5))).toThrow("expected at most 100 levels");
  expect(() => parseJson("[1,2,3,4]", { values: 3 })).toThrow("expected at most 3 values");
  expect(parseJson('["1,2,3,4,5"]', { values: 3 })).toEqual(["1,2,3,4,5"]);
});
