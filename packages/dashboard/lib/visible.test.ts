/** @file Characters that browsers drop or rewrite are shown by others. */

import { expect, it } from "vitest";
import { visible } from "./visible.ts";

it("shows control characters and half characters, and leaves all others alone", () => {
  expect(visible("a\u0000b\r\n\tc\u007f")).toBe("a␀b␍␊␉c␡");
  expect(visible("\ud800lone \udc00")).toBe("\ufffdlone \ufffd");
  expect(visible("\u0085")).toBe("\ufffd");
  for (const fine of ["<b>", "שלום", "🙂👩‍👩‍👧", "zażółć", "\u202e"])
    expect(visible(fine)).toBe(fine);
});
