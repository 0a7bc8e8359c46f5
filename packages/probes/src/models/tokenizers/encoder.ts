/** @file Puts the parts of a tokenizer together: added tokens, normalizer, pre-tokenizer, pieces, template. */

import { type AddedToken, createFinder, readAddedToken } from "./added-tokens.ts";
import { asComponent, asList, type Component } from "./config.ts";
import { fromMerges, fromWordPieces } from "./from-vocabulary.ts";
import { createNormalizer } from "./normalizer.ts";
import { createPieceModel } from "./pieces.ts";
import { createPreTokenizer } from "./pre-tokenizer.ts";
import { createTemplate, type Template } from "./template.ts";

/** Contents of tokenizer files by file name. */
export type TokenizerFiles = Readonly<Record<string, string>>;

/** One piece of a text, and which of its words it belongs to. */
export type Piece = { readonly id: number; readonly word: number };

/** Numbers of the special tokens; null where a tokenizer has none. */
export type SpecialTokens = Readonly<
  Record<"cls" | "sep" | "pad" | "mask" | "unknown" | "begin" | "end", number | null>
>;

/** A tokenizer before truncation and special tokens. */
export type Encoder = {
  readonly cut: (text: string) => readonly Piece[];
  readonly template: Template;
  readonly specialTokens: SpecialTokens;
  readonly spellings: ReadonlyMap<number, string>;
  readonly size: number;
};

export function createEncoder(files: TokenizerFiles): Encoder {
  const { tokenizer, roles } = describe(files);
  const added = asList(tokenizer.added_tokens ?? [], "added_tokens").map(readAddedToken);
  const normalize = createNormalizer(tokenizer.normalizer);
  const preTokenize = createPreTokenizer(tokenizer.pre_tokenizer);
  const model = createPieceModel(tokenizer.model);
  const ids = new Map(model.vocabulary);
  for (const { content, id } of added) ids.set(content, id);
  const findGiven = createFinder(added.filter((token) => !token.normalized));
  const findNormalized = createFinder(
    added.filter((token) => token.normalized),
    ({ content }) => normalize(content),
  );

  const cut = (text: string): readonly Piece[] => {
    const pieces: Piece[] = [];
    let word = 0;
    const pushToken = ({ id }: AddedToken): void => void pieces.push({ id, word: word++ });
    for (const [i, part] of findGiven(text).entries()) {
      if (typeof part !== "string") {
        pushToken(part);
        continue;
      }
      for (const [j, stretch] of findNormalized(normalize(part)).entries()) {
        if (typeof stretch !== "string") {
          pushToken(stretch);
          continue;
        }
        for (const each of preTokenize(stretch, i === 0 && j === 0)) {
          for (const id of model.cut(each)) pieces.push({ id, word });
          word += 1;
        }
      }
    }
    return pieces;
  };

  const spellings = new Map<number, string>();
  let highest = -1;
  for (const [spelling, id] of ids) {
    spellings.set(id, spelling);
    highest = Math.max(highest, id);
  }
  const template = createTemplate(tokenizer.post_processor);
  for (const slot of [...template.single, ...template.pair]) {
    if (slot.kind === "special") highest = Math.max(highest, slot.id);
  }
  const specialTokens = findSpecials({ ids, roles, unknown: model.unknown });
  return { cut, template, specialTokens, spellings, size: highest + 1 };
}

type Described = {
  readonly tokenizer: Component;
  readonly roles: Readonly<Record<string, string>>;
};

/** tokenizer.json, or what it would say. */
function describe(files: TokenizerFiles): Described {
  const read = (name: string): Component =>
    files[name] === undefined ? {} : asComponent(parse(name, files[name]), name);
  const config = read("tokenizer_config.json");
  const given = namedTokens({ ...read("special_tokens_map.json"), ...config });
  if (files["tokenizer.json"] !== undefined) {
    return { tokenizer: adjust(read("tokenizer.json"), config), roles: given };
  }
  const settings = { config, given, added: read("added_tokens.json") };
  if (files["vocab.txt"] !== undefined) return fromWordPieces(files["vocab.txt"], settings);
  if (files["vocab.json"] !== undefined && files["merges.txt"] !== undefined) {
    return fromMerges({ vocab: read("vocab.json"), merges: files["merges.txt"] }, settings);
  }
  const found = Object.keys(files).join(", ") || "none of them";
  throw new Error(
    `tokenizer: expected tokenizer.json, vocab.txt, or vocab.json with merges.txt, got ${found}` +
      " (a SentencePiece model needs to be saved as tokenizer.json first)",
  );
}

/** Settings of tokenizer_config.json that `transformers` puts over those of tokenizer.json. */
function adjust(tokenizer: Component, config: Component): Component {
  const { normalizer, pre_tokenizer: preTokenizer } = tokenizer;
  const override = (value: unknown, type: string, settings: Component): unknown => {
    const component = value as Component | null | undefined;
    if (component?.type !== type) return value;
    const given = Object.entries(settings).filter(([, setting]) => typeof setting === "boolean");
    return { ...component, ...Object.fromEntries(given) };
  };
  return {
    ...tokenizer,
    normalizer: override(normalizer, "BertNormalizer", {
      lowercase: config.do_lower_case,
      strip_accents: config.strip_accents,
      handle_chinese_chars: config.tokenize_chinese_chars,
    }),
    pre_tokenizer: override(preTokenizer, "ByteLevel", {
      add_prefix_space: config.add_prefix_space,
    }),
  };
}

function parse(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`tokenizer: ${name} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** `"cls_token": "[CLS]"` or `"cls_token": {"content": "[CLS]"}`. */
function namedTokens(config: Component): Readonly<Record<string, string>> {
  const named: Record<string, string> = {};
  for (const [role, value] of Object.entries(config)) {
    if (!role.endsWith("_token")) continue;
    const content =
      typeof value === "object" && value !== null ? (value as Component).content : value;
    if (typeof content === "string") named[role] = content;
  }
  return named;
}

type Known = {
  readonly ids: ReadonlyMap<string, number>;
  readonly roles: Readonly<Record<string, string>>;
  readonly unknown: number | null;
};

function findSpecials({ ids, roles, unknown }: Known): SpecialTokens {
  const find = (role: string, ...usual: readonly string[]): number | null => {
    const spellings = roles[role] === undefined ? usual : [roles[role]];
    const found = spellings.find((spelling) => ids.has(spelling));
    return found === undefined ? null : ids.get(found)!;
  };
  return {
    cls: find("cls_token", "[CLS]", "<s>"),
    sep: find("sep_token", "[SEP]", "</s>"),
    pad: find("pad_token", "[PAD]", "<pad>"),
    mask: find("mask_token", "[MASK]", "<mask>"),
    unknown: unknown ?? find("unk_token", "[UNK]", "<unk>"),
    begin: find("bos_token", "<s>", "<|endoftext|>"),
    end: find("eos_token", "</s>", "<|endoftext|>"),
  };
}
