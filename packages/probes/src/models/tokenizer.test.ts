/** @file Token numbers against `transformers` for every kind of tokenizer, on texts chosen to be nasty. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createRandom } from "../random.ts";
import { checkVocabulary, createTokenizer } from "./tokenizer.ts";

const fixtures = new URL("../../../../test/fixtures/tokenizers/", import.meta.url);
const realVocabulary = new URL("../../../../../shared/data/bert-vocab/vocab.txt", import.meta.url);

/** Contents of a folder's files by name. */
function filesOf(folder: string): Record<string, string> {
  const url = new URL(`${folder}/`, fixtures);
  return Object.fromEntries(
    readdirSync(url).map((name) => [name, readFileSync(new URL(name, url), "utf8")]),
  );
}

type Golden = {
  text: string;
  pair?: string;
  length?: number;
  side?: "left" | "right";
  ids: number[];
  types: number[];
  words: number[];
};
const golden: Record<string, Golden[]> = JSON.parse(
  readFileSync(new URL("golden.json", fixtures), "utf8"),
);

test.each(Object.keys(golden))("agrees with transformers: %s", (name) => {
  const files = filesOf(name);
  for (const row of golden[name]!) {
    if (row.ids.length === 0) continue; // an empty text without special tokens: a rule of ours, below
    const { encode } = createTokenizer(files, {
      ...(row.length !== undefined && { maxTokens: row.length }),
      truncation: row.side === "left" ? "front" : "end",
    });
    const { ids, typeIds, words, specials } = encode(row.text, row.pair);
    const where = JSON.stringify([row.text, row.pair, row.length, row.side]);
    expect([...ids], where).toEqual(row.ids);
    expect([...typeIds], where).toEqual(row.types);
    expect([...specials], where).toEqual(row.words.map((word) => Number(word < 0)));
    if (row.pair === undefined) expect([...words], where).toEqual(row.words);
  }
});

test("counts words through both texts of a pair", () => {
  const { encode } = createTokenizer(filesOf("bert-uncased"));
  const { words } = encode("the cat", "a small dog likes it.");
  expect([...words]).toEqual([-1, 0, 1, -1, 2, 3, 4, 5, 6, 7, -1]);
});

test("counts the pieces it cuts", () => {
  const files = filesOf("bert-uncased");
  const whole = createTokenizer(files).encode("the cat likes the red house");
  const cut = createTokenizer(files, { maxTokens: 5 }).encode("the cat likes the red house");
  expect(whole.truncated).toBe(0);
  expect(cut.truncated).toBe(whole.ids.length - 5);
});

test.skipIf(!existsSync(realVocabulary))(
  "gives the published numbers of bert-base-uncased (needs shared/data/bert-vocab)",
  () => {
    const tokenizer = createTokenizer({ "vocab.txt": readFileSync(realVocabulary, "utf8") });
    const ids = (text: string): number[] => [...tokenizer.encode(text).ids];
    expect(ids("hello world")).toEqual([101, 7592, 2088, 102]);
    expect(ids("I like cats.")).toEqual([101, 1045, 2066, 8870, 1012, 102]);
    expect(ids("Do you like cats too?")).toEqual([101, 2079, 2017, 2066, 8870, 2205, 1029, 102]);
    const { cls, sep, pad, mask, unknown } = tokenizer.specialTokens;
    expect({ cls, sep, pad, mask, unknown }).toEqual({
      cls: 101,
      sep: 102,
      pad: 0,
      mask: 103,
      unknown: 100,
    });
  },
);

test("stands a begin token for an empty text where there are no special tokens", () => {
  const tokenizer = createTokenizer(filesOf("gpt2"));
  const { end } = tokenizer.specialTokens;
  expect([...tokenizer.encode("").ids]).toEqual([end]);
  expect(tokenizer.tokens([end!])).toEqual(["<|endoftext|>"]);
  expect(tokenizer.padId).toBe(end);
  const { merges, vocab } = { merges: "#version: 0.2\na b\n", vocab: '{"a":0,"b":1,"ab":2}' };
  const bare = createTokenizer({ "merges.txt": merges, "vocab.json": vocab });
  expect([...bare.encode("abba").ids]).toEqual([2, 1, 0]);
  expect(() => bare.encode("")).toThrow("an empty text has no tokens");
});

test("reads line ends of Windows and keeps the numbers of blank lines", () => {
  const lines = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "", "a", "##b"];
  const tokenizer = createTokenizer({ "vocab.txt": `${lines.join("\r\n")}\r\n` });
  expect([...tokenizer.encode("ab a").ids]).toEqual([2, 5, 6, 5, 3]);
  expect(tokenizer.size).toBe(7);
});

test("takes added tokens of added_tokens.json wherever they stand", () => {
  const vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nthe\n";
  const files = { "vocab.txt": vocabulary, "added_tokens.json": '{"covid19": 5}' };
  expect([...createTokenizer(files).encode("the COVID19 thecovid19").ids]).toEqual([
    2, 4, 5, 4, 5, 3,
  ]);
});

test("lets tokenizer_config.json overrule tokenizer.json, as transformers does", () => {
  const vocabulary = filesOf("bert-cased")["vocab.txt"]!;
  const vocab = Object.fromEntries(
    vocabulary
      .trim()
      .split("\n")
      .map((piece, id) => [piece, id]),
  );
  const json = JSON.stringify({
    normalizer: { type: "BertNormalizer", lowercase: true },
    pre_tokenizer: { type: "BertPreTokenizer" },
    model: { type: "WordPiece", vocab, unk_token: "[UNK]" },
  });
  const config = '{"do_lower_case": false}';
  const tokenizer = createTokenizer({ "tokenizer.json": json, "tokenizer_config.json": config });
  // transformers 5.23, tokenize() with these files
  expect(tokenizer.tokens(tokenizer.encode("The Café ANNA likes the RED house").ids)).toEqual(
    "T ##he C ##a ##fé [UNK] likes the [UNK] house".split(" "),
  );
});

test("accepts an embedding padded to a round number of rows, and no other", () => {
  checkVocabulary({ size: 30522 }, 30522);
  checkVocabulary({ size: 30522 }, 30528); // 8 * 3816
  checkVocabulary({ size: 50257 }, 50304); // 128 * 393
  expect(() => checkVocabulary({ size: 400 }, 420)).toThrow(
    "vocabulary of 400 tokens is smaller than the embedding of 420 rows",
  );
  expect(() => checkVocabulary({ size: 421 }, 420)).toThrow("is larger than the embedding");
});

test.each<[string, Record<string, string>, string]>([
  ["no files", {}, "expected tokenizer.json, vocab.txt, or vocab.json with merges.txt, got none"],
  ["half of a pair of files", { "vocab.json": "{}" }, "got vocab.json"],
  ["broken JSON", { "tokenizer.json": "{" }, "tokenizer.json is not JSON"],
  ["a list", { "tokenizer.json": "[]" }, "expected tokenizer.json to be an object, got []"],
  ["no model", { "tokenizer.json": "{}" }, "expected model to be an object, got nothing"],
  ["no [CLS]", { "vocab.txt": "[PAD]\n[UNK]\n" }, 'special token "[CLS]" is not in the vocabulary'],
  ["an empty vocabulary", { "vocab.txt": "" }, 'special token "[CLS]" is not in the vocabulary'],
  [
    "an unknown normalizer",
    { "tokenizer.json": '{"normalizer":{"type":"Nope"},"model":{}}' },
    'unknown normalizer "Nope", expected one of BertNormalizer, Lowercase, NFC',
  ],
  [
    "an unknown model",
    { "tokenizer.json": '{"model":{"type":"constructor","vocab":{}}}' },
    'unknown model "constructor", expected one of WordPiece',
  ],
  [
    "a token without a number",
    { "tokenizer.json": '{"model":{"type":"WordPiece","vocab":{"[UNK]":0,"a":"1"}}}' },
    'expected vocab["a"] to be a token number, got "1"',
  ],
])("refuses %s", (_, files, message) => {
  expect(() => createTokenizer(files)).toThrow(message);
});

test("refuses a limit that leaves no room for the text", () => {
  expect(() => createTokenizer(filesOf("bert-cased"), { maxTokens: 2 })).toThrow(
    "expected room for more than 2 special tokens, got maxTokens 2",
  );
});

test("survives damaged tokenizer files: an error of ours or numbers within the vocabulary", () => {
  const random = createRandom("damage");
  const hostile = ["null", "{}", "[]", "-1", '"x"', "1e400", "true", '{"__proto__":1}'];
  for (const name of ["albert", "roberta-json", "xlm-roberta"]) {
    const text = filesOf(name)["tokenizer.json"]!;
    const values = [...text.matchAll(/(?<=":)("[^"]*"|\d+|true|false|null|\{|\[)/g)];
    for (let round = 0; round < 150; round++) {
      const { 0: value, index } = values[random.integer(Math.min(values.length, 90))]!;
      const cut = /^[{[]/.test(value) ? index + random.integer(20) : index + value.length;
      const damaged = text.slice(0, index) + hostile[random.integer(8)] + text.slice(cut);
      try {
        const tokenizer = createTokenizer({ "tokenizer.json": damaged });
        const { ids } = tokenizer.encode("the cat doesn't like [MASK] 東京");
        expect(ids.every((id) => id >= 0 && id < tokenizer.size)).toBe(true);
      } catch (error) {
        expect((error as Error).message).toMatch(/^tokenizer: /);
      }
    }
  }
});

test("refuses a normalizer that doubles a text without end", () => {
  const doubling = { type: "Replace", pattern: { String: "a" }, content: "aa" };
  const files = {
    "tokenizer.json": JSON.stringify({
      model: { type: "WordPiece", unk_token: "[UNK]", vocab: { "[UNK]": 0, a: 1 } },
      normalizer: { type: "Sequence", normalizers: Array(40).fill(doubling) },
    }),
  };
  expect(() => createTokenizer(files).encode("a")).toThrow(/normalizer makes \d+ characters of/);
});
