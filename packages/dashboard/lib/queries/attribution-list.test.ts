/** @file The list of texts: search, filter, order, pages. */

import { expect, test } from "vitest";
import { type ListedText, pageOf } from "./attribution-list.ts";

const text = (row: number, more: Partial<ListedText> = {}): ListedText => ({
  ...{ row, text: `text ${row}`, target: "a", predicted: "a", truth: "a", right: true },
  ...{ logit: row / 10, residual: null, tokens: 5, marked: false, error: null },
  ...more,
});
const texts = [
  text(0, { residual: 0.3, text: "A dull film" }),
  text(1, { residual: null, right: false, predicted: "b" }),
  text(2, { residual: 0.9, marked: true, text: "a film, not dull" }),
  ...Array.from({ length: 20 }, (_, i) => text(3 + i)),
];
const asked: Parameters<typeof pageOf>[1] = {
  find: "",
  only: "all",
  sort: "row",
  order: "asc",
  page: 1,
  example: null,
};
const rows = (page: ReturnType<typeof pageOf>) => page.shown.map(({ row }) => row);

test("shows twelve texts at a time and stays within its pages", () => {
  expect(rows(pageOf(texts, asked))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(rows(pageOf(texts, { ...asked, page: 2 })).at(-1)).toBe(22);
  expect(pageOf(texts, { ...asked, page: 99 }).page).toBe(2);
  expect(pageOf(texts, { ...asked, page: -1 }).page).toBe(1);
});

test("finds texts with every word of a search, in any case and order", () => {
  expect(rows(pageOf(texts, { ...asked, find: "FILM dull" }))).toEqual([0, 2]);
  expect(pageOf(texts, { ...asked, find: "nowhere" }).current).toBeUndefined();
});

test("filters by correctness and marks", () => {
  expect(rows(pageOf(texts, { ...asked, only: "wrong" }))).toEqual([1]);
  expect(rows(pageOf(texts, { ...asked, only: "marked" }))).toEqual([2]);
  expect(pageOf(texts, { ...asked, only: "failed" }).fitting).toBe(0);
});

test("orders by a number, texts without it last either way", () => {
  const falling = pageOf(texts, { ...asked, sort: "residual", order: "desc" });
  expect(rows(falling).slice(0, 3)).toEqual([2, 0, 1]);
  const rising = pageOf(texts, { ...asked, sort: "residual", order: "asc" });
  expect(rows(rising).slice(0, 3)).toEqual([0, 2, 1]);
  expect(rows(pageOf(texts, { ...asked, sort: "correct" }))[0]).toBe(1);
});

test("tells the place of a text and its neighbours in the order on screen", () => {
  const page = pageOf(texts, { ...asked, sort: "residual", order: "desc", example: 0 });
  expect([page.place, page.before, page.after]).toEqual([1, 2, 1]);
  const outside = pageOf(texts, { ...asked, only: "wrong", example: 0 });
  expect([outside.current?.row, outside.place, outside.after]).toEqual([0, -1, null]);
});
