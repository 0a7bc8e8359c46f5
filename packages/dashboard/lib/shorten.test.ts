/** @file Cut names stay within their width and never split a letter. */

import { expect, test } from "vitest";
import { shorten, shortenMiddle, shortenParts } from "./shorten.ts";

test("leaves short names alone and cuts long ones with an ellipsis", () => {
  expect(shorten("film", 8)).toBe("film");
  expect(shorten("abcdefgh", 8)).toBe("abcdefgh");
  expect(shorten("abcdefghi", 8)).toBe("abcdefg…");
});

test("counts wide letters as one and a half", () => {
  expect(shorten("wwww", 6)).toBe("wwww"); // 4 x 1.5 = 6
  expect(shorten("wwwww", 6)).toBe("www…");
});

test("never cuts through an emoji", () => {
  expect(shorten("🙂🙂🙂🙂", 3)).toBe("🙂…");
});

test("keeps the end of a long name where it is cut in the middle", () => {
  expect(shortenMiddle("abcdefghij", 10)).toBe("abcdefghij");
  expect(shortenMiddle("abcdefghijk", 10)).toBe("abcdef…ijk");
  expect(shortenMiddle("🙂🙂🙂🙂🙂", 4)).toBe("🙂🙂…🙂");
});

test("lets the longest of several names give way", () => {
  expect(shortenParts("a-model · mean · lda", 20)).toBe("a-model · mean · lda");
  // 9 + 4 + 3 letters and twice " · " make 22.
  expect(shortenParts("a-very-long-model · mean · lda", 22)).toBe("a-very…el · mean · lda");
});
