/** @file Results are computed again when the rows they came from may have changed, and only then. */

import { expect, test } from "vitest";
import type { Store } from "../store.ts";
import { remember } from "./attribution-memory.ts";

const at = (generation: string): Store =>
  ({ file: "memory.test.db", generation }) as Partial<Store> as Store;

function counter() {
  let calls = 0;
  return () => ++calls;
}

test("forgets what was made of unfinished trials when the store changes", () => {
  const make = counter();
  const name = { name: "running", finished: false };
  expect(remember(at("8-77-1"), name, make)).toBe(1);
  expect(remember(at("8-77-1"), name, make)).toBe(1);
  expect(remember(at("8-77-2"), name, make)).toBe(2);
});

test("keeps what was made of done trials until the file is another one", () => {
  const make = counter();
  const name = { name: "done", finished: true };
  expect(remember(at("8-77-1"), name, make)).toBe(1);
  expect(remember(at("8-77-2"), name, make)).toBe(1);
  expect(remember(at("8-78-2"), name, make)).toBe(2);
});

test("keeps the rows used last, 40 of them", () => {
  const first = counter();
  const rows = (name: string) => ({ name, finished: true, holds: "rows" }) as const;
  remember(at("1-1-1"), rows("first"), first);
  for (let i = 0; i < 39; i++) remember(at("1-1-1"), rows(`${i}`), counter());
  expect(remember(at("1-1-1"), rows("first"), first)).toBe(1);
  for (let i = 0; i < 40; i++) remember(at("1-1-1"), rows(`more ${i}`), counter());
  expect(remember(at("1-1-1"), rows("first"), first)).toBe(2);
});
