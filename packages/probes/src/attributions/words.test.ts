/** @file Words from the pieces of WordPiece, SentencePiece and byte-level BPE. */

import { expect, it } from "vitest";
import { joinPieces, mergeWords } from "./words.ts";

it("sums the scores of a word's pieces and leaves special tokens apart", () => {
  const pieces = {
    spellings: ["[CLS]", "Kowal", "##ski", "śpi", "[SEP]"],
    words: [-1, 0, 0, 1, -1],
    specials: [1, 0, 0, 0, 1],
  };
  const merged = mergeWords(pieces, [1, 2, 3, 4, 5]);
  expect(merged.map(({ text, score }) => [text, score])).toEqual([
    ["[CLS]", 1],
    ["Kowalski", 5],
    ["śpi", 4],
    ["[SEP]", 5],
  ]);
});

it("writes pieces as people do", () => {
  expect(joinPieces(["▁mem", "orable"])).toBe("memorable");
  expect(joinPieces(["Ġmem", "orable"])).toBe("memorable");
  expect(joinPieces(["ĠÅģ", "Ã³dÅº"])).toBe("Łódź"); // the UTF-8 bytes of Łódź
  expect(joinPieces(["Łódź"])).toBe("Łódź"); // a WordPiece that is no byte spelling
  expect(joinPieces(["##ski"])).toBe("##ski"); // a lone continuation stays recognisable
});
