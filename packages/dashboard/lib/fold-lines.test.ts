import { expect, test } from "vitest";
import { foldLines } from "./fold-lines.ts";

test("writes a line per trial and metric that it has, and leaves gaps empty", () => {
  const scores = {
    keys: Int32Array.of(2, 3, 5),
    metrics: ["a,b", "r2"],
    folds: 3,
    //                       trial 2            trial 3              trial 5
    places: Int32Array.of(-1, 3, -1, 2, -1, 0, -1, -1, -1, -1, -1, -1, 1, 4, -1, 5, 7, -1),
    values: Buffer.from("[0.30000000000000004,1e-7,0,7,3,0.5,9,-2]"),
  };
  const ids = new Map([
    [2, "=two"],
    [3, "three"],
    [5, 'fi"ve'],
  ]);
  expect(Buffer.from(foldLines(scores, ids)).toString().split("\r\n")).toEqual([
    `'=two,"a,b",,7,`,
    "'=two,r2,0,,0.30000000000000004",
    `"fi""ve","a,b",1e-7,3,`,
    `"fi""ve",r2,0.5,-2,`,
    "",
  ]);
});

test("writes nothing for trials without scores", () => {
  const none = { keys: Int32Array.of(1), metrics: [], folds: 0, places: new Int32Array() };
  expect(foldLines({ ...none, values: Buffer.from("[]") }, new Map([[1, "a"]]))).toHaveLength(0);
});
