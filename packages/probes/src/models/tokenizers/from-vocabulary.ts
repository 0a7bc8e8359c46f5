/** @file Writes what tokenizer.json would say for checkpoints that only have vocab.txt, or vocab.json and merges.txt. */

import { asComponent, asId, type Component, show } from "./config.ts";

type Description = {
  readonly tokenizer: Component;
  readonly roles: Readonly<Record<string, string>>;
};

/** Settings read from tokenizer_config.json that change how a plain vocabulary is used. */
type Settings = {
  readonly config: Component;
  readonly added: Component;
  /** Names of special tokens given by the files, by role ("cls_token"). */
  readonly given: Readonly<Record<string, string>>;
};

/**
 * BERT's WordPiece over the lines of vocab.txt. Lower-casing is `do_lower_case` of tokenizer_config.json; where that is
 * not said, a vocabulary is taken as cased when it has capital letters outside its [SPECIAL] tokens.
 */
export function fromWordPieces(text: string, { config, added, given }: Settings): Description {
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  const vocab = fromLines(lines.map((line) => line.trimEnd()));
  if (config.tokenizer_class === undefined) requireWordPieces(lines);
  const capitals = lines.some((line) => !/^\[.*\]\s*$/.test(line) && line.toLowerCase() !== line);
  const roles = {
    unk_token: "[UNK]",
    sep_token: "[SEP]",
    pad_token: "[PAD]",
    cls_token: "[CLS]",
    mask_token: "[MASK]",
    ...given,
  };
  const lowercase = typeof config.do_lower_case === "boolean" ? config.do_lower_case : !capitals;
  const normalizer = {
    type: "BertNormalizer",
    clean_text: true,
    handle_chinese_chars: config.tokenize_chinese_chars !== false,
    strip_accents: config.strip_accents ?? null,
    lowercase,
  };
  const post_processor = {
    type: "BertProcessing",
    cls: requireToken(vocab, roles.cls_token),
    sep: requireToken(vocab, roles.sep_token),
  };
  const model = { type: "WordPiece", vocab, unk_token: roles.unk_token };
  const pre_tokenizer = { type: "BertPreTokenizer" };
  const added_tokens = addedTokens(vocab, { roles, added });
  return {
    tokenizer: { normalizer, pre_tokenizer, model, post_processor, added_tokens },
    roles,
  };
}

/** A vocabulary of this size or more that has no ## piece is not WordPiece's: it was made for another way of cutting. */
const mostWholeWords = 100;

function requireWordPieces(lines: readonly string[]): void {
  if (lines.length < mostWholeWords || lines.some((line) => line.startsWith("##"))) return;
  throw new Error(
    "vocab.txt: expected pieces that begin with ##, found none, and how texts are cut into these tokens " +
      "is not written down: expected tokenizer.json, or tokenizer_class in tokenizer_config.json",
  );
}

/** Byte-level BPE; a vocabulary with <s> and </s> is RoBERTa's and puts them around texts, any other is GPT-2's. */
export function fromMerges(
  { vocab: vocabText, merges: mergesText }: { vocab: unknown; merges: string },
  { config, added, given }: Settings,
): Description {
  const vocab = asComponent(vocabText, "vocab.json");
  const merges = mergesText
    .split(/\r?\n/)
    .filter((line, i) => line.trim() !== "" && !(i === 0 && line.startsWith("#version")));
  const roberta = Object.hasOwn(vocab, "<s>") && Object.hasOwn(vocab, "</s>");
  const defaults: Readonly<Record<string, string>> = roberta
    ? {
        bos_token: "<s>",
        eos_token: "</s>",
        cls_token: "<s>",
        sep_token: "</s>",
        unk_token: "<unk>",
        pad_token: "<pad>",
        mask_token: "<mask>",
      }
    : { bos_token: "<|endoftext|>", eos_token: "<|endoftext|>", unk_token: "<|endoftext|>" };
  const roles: Readonly<Record<string, string>> = { ...defaults, ...given };
  const post_processor = roberta
    ? {
        type: "RobertaProcessing",
        cls: requireToken(vocab, roles.cls_token ?? "<s>"),
        sep: requireToken(vocab, roles.sep_token ?? "</s>"),
      }
    : null;
  const pre_tokenizer = { type: "ByteLevel", add_prefix_space: config.add_prefix_space === true };
  const model = { type: "BPE", vocab, merges };
  const added_tokens = addedTokens(vocab, { roles, added });
  return {
    tokenizer: { normalizer: null, pre_tokenizer, model, post_processor, added_tokens },
    roles,
  };
}

/** Line number by line; of equal lines the last counts, as in `transformers`. */
function fromLines(lines: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(lines.map((line, id) => [line, id]));
}

function requireToken(vocab: Component, token: string): readonly [string, number] {
  if (Object.hasOwn(vocab, token)) return [token, asId(vocab[token], `vocab[${show(token)}]`)];
  throw new Error(`tokenizer: special token ${show(token)} is not in the vocabulary`);
}

function addedTokens(
  vocab: Component,
  { roles, added }: { roles: Readonly<Record<string, string>>; added: Component },
): readonly Component[] {
  const specials = new Set(Object.values(roles).filter((token) => Object.hasOwn(vocab, token)));
  return [
    ...[...specials].map((content) => ({
      id: vocab[content],
      content,
      special: true,
      normalized: false,
      lstrip: content === "<mask>", // RoBERTa's takes the space before it
    })),
    ...Object.entries(added)
      .filter(([content]) => !specials.has(content))
      .map(([content, id]) => ({ id, content, special: false, normalized: true })),
  ];
}
