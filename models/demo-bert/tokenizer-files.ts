/** @file The tokenizer files of the demo model, as the tokenizers library and `transformers` read them. */

import { specialTokens } from "../../data/demo/vocabulary.ts";

/** Contents by file name: tokenizer.json, tokenizer_config.json and vocab.txt of an uncased WordPiece. */
export function tokenizerFiles(
  pieces: readonly string[],
  maxTokens: number,
): Readonly<Record<string, string>> {
  const ids = Object.fromEntries(pieces.map((piece, id) => [piece, id]));
  const [pad, unknown, cls, sep, mask] = specialTokens;
  return {
    "tokenizer.json": json({
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: specialTokens.map((content) => ({
        id: ids[content],
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
      normalizer: {
        type: "BertNormalizer",
        clean_text: true,
        handle_chinese_chars: true,
        strip_accents: null,
        lowercase: true,
      },
      pre_tokenizer: { type: "BertPreTokenizer" },
      post_processor: postProcessor(
        { id: ids[cls] ?? 0, content: cls },
        { id: ids[sep] ?? 0, content: sep },
      ),
      decoder: { type: "WordPiece", prefix: "##", cleanup: true },
      model: {
        type: "WordPiece",
        unk_token: unknown,
        continuing_subword_prefix: "##",
        max_input_chars_per_word: 100,
        vocab: ids,
      },
    }),
    "tokenizer_config.json": json({
      tokenizer_class: "BertTokenizer",
      do_lower_case: true,
      model_max_length: maxTokens,
      pad_token: pad,
      unk_token: unknown,
      cls_token: cls,
      sep_token: sep,
      mask_token: mask,
    }),
    "vocab.txt": pieces.map((piece) => `${piece}\n`).join(""),
  };
}

type Special = { readonly id: number; readonly content: string };

/** "[CLS] A [SEP]" and "[CLS] A [SEP] B [SEP]", the second text with token type 1. */
function postProcessor(cls: Special, sep: Special) {
  const special = ({ content }: Special, type: number) => ({
    SpecialToken: { id: content, type_id: type },
  });
  const sequence = (id: "A" | "B", type: number) => ({ Sequence: { id, type_id: type } });
  const single = [special(cls, 0), sequence("A", 0), special(sep, 0)];
  return {
    type: "TemplateProcessing",
    single,
    pair: [...single, sequence("B", 1), special(sep, 1)],
    special_tokens: Object.fromEntries(
      [cls, sep].map(({ id, content }) => [content, { id: content, ids: [id], tokens: [content] }]),
    ),
  };
}

/** JSON as it is committed: two spaces, a newline at the end. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
