/** @file File names of hostile class and token names. */

import { expect, it } from "vitest";
import { fileNames } from "./file-names.ts";

const hostile = [
  "/",
  "..",
  ".",
  "",
  "a/b",
  "a\\b",
  "a\0b",
  "CON",
  "nul",
  "🙂",
  "🙃",
  "é",
  "e\u0301",
  "Apple",
  "apple",
  "x".repeat(300),
  "x".repeat(301),
  "Ł".repeat(200),
  "a b",
  "a_b",
  "a~b",
  "~",
  "-rf",
  "a\nb",
  "  ",
  "\u202e",
];

it("gives every name a file name of its own that no system stumbles over", () => {
  const found = [...fileNames(hostile).values()];
  expect(found.length).toBe(hostile.length);
  const spelled = found.map((name) => name.normalize("NFKC").toLowerCase());
  expect(new Set(spelled).size).toBe(hostile.length);
  for (const name of found) {
    expect(Buffer.byteLength(`.${name}.json.1234567-1.partial`)).toBeLessThan(255);
    expect(name).toMatch(/^[\p{L}\p{N}_~-]+$/u);
    expect(name).not.toMatch(/^(con|nul|\.+)$/i);
  }
});

it("leaves plain names alone", () => {
  expect(fileNames(["memorable", "Łódź", "не", "2nd"])).toEqual(
    new Map(["memorable", "Łódź", "не", "2nd"].map((name) => [name, name])),
  );
});

it("does not depend on the order of the names", () => {
  expect(fileNames(["Apple", "apple"]).get("apple")).toBe(
    fileNames(["apple", "Apple"]).get("apple"),
  );
});
