import { readFileSync } from "node:fs";
import { createTokenizer } from "@probegrid/probes";
import { expect, test } from "vitest";
import { openTokenizer } from "./open-tokenizer.ts";

const file = new URL(
  "../../../test/fixtures/tokenizers/roberta-json/tokenizer.json",
  import.meta.url,
);
const text = readFileSync(file, "utf8");
const changed = (change: object) => ({
  path: "models/foreign",
  tokenizerFiles: { "tokenizer.json": JSON.stringify({ ...JSON.parse(text), ...change }) },
});
const hostile = { Regex: "^(\\w+\\s?)*$" };
const endless = `${"a".repeat(60)} !`;

test("cuts texts and pairs as they are cut one by one", () => {
  const bounded = openTokenizer(changed({}), { maxTokens: 16 });
  const plain = createTokenizer({ "tokenizer.json": text }, { maxTokens: 16 });
  const texts = Array.from({ length: 40 }, (_, i) => `${i} ${"word ".repeat(i * 200)}`);
  const pairs = texts.toReversed(); // 1.6 million characters together: more than one attempt
  expect(bounded.encodeAll(texts, null)).toEqual(texts.map((one) => plain.encode(one)));
  expect(bounded.encodeAll(texts, pairs)).toEqual(
    texts.map((one, i) => plain.encode(one, pairs[i])),
  );
  expect(bounded.encode("a b", "c")).toEqual(plain.encode("a b", "c"));
});

test("names the pattern that would take for ever on a text, and goes on with others", () => {
  const pre_tokenizer = { type: "Split", pattern: hostile, behavior: "Isolated" };
  const tokenizer = openTokenizer(changed({ pre_tokenizer }));
  expect(() => tokenizer.encodeAll(["a", endless], null)).toThrow(
    /^model models\/foreign: tokenizer: cutting texts of 63 characters took more than 5 s; .*"\^\(\\\\w\+\\\\s\?\)\*\$"$/,
  );
  expect(tokenizer.encode("a").ids.length).toBe(3);
}, 60_000);

test("names it where reading the files already meets it", () => {
  const normalizer = { type: "Replace", pattern: hostile, content: "b" };
  const added_tokens = [{ id: 0, content: endless, normalized: true }];
  expect(() => openTokenizer(changed({ normalizer, added_tokens }))).toThrow(
    /reading files of .* took more than 5 s; .*\(\\\\w/,
  );
}, 60_000);

test.each([
  ["a template that repeats the text", { post_processor: template(2) }, "each text once"],
  ["a number of an unknown piece that is none", { model: unigram(-1) }, "unk_id"],
  ["added tokens too long to look for", { added_tokens: [added("a".repeat(1e7))] }, "too much"],
  ["a text without pieces", { model: unigram(null) }, "no piece for"],
])("names the checkpoint of %s", (_, change, message) => {
  const encode = () => openTokenizer(changed(change)).encode("x");
  expect(encode).toThrow(/^model models\/foreign: tokenizer: .{1,300}$/);
  expect(encode).toThrow(message);
});

function template(times: number) {
  const single = Array(times).fill({ Sequence: { id: "A", type_id: 0 } });
  return { type: "TemplateProcessing", single, pair: [], special_tokens: {} };
}

function unigram(unk_id: number | null) {
  return { type: "Unigram", vocab: [["a", -1]], unk_id };
}

function added(content: string) {
  return { id: 1, content, special: true };
}

test("names the checkpoint of a file that is wrong", () => {
  expect(() => openTokenizer(changed({ model: null }))).toThrow(
    "model models/foreign: tokenizer: expected model to be an object, got null",
  );
});
