/** @file The models of tokenizer.json: they cut a word into the numbers of its pieces. */

import { asComponent, asId, asList, asText, type Component, rowOf, show } from "./config.ts";
import { bytePairs } from "./library.ts";
import { unigram } from "./unigram.ts";
import { wordPiece } from "./word-piece.ts";

/** A vocabulary and the rule that cuts words with it. */
export type PieceModel = {
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly unknown: number | null;
  readonly cut: (word: string) => readonly number[];
};

/** The model a component describes, with a memory of the words it has met. */
export function createPieceModel(value: unknown): PieceModel {
  const component = asComponent(value, "model");
  const type = component.type ?? guessType(component);
  const model = rowOf(models, { ...component, type }, "model")(component);
  return { ...model, cut: remembered(model.cut) };
}

const models: Readonly<Record<string, (component: Component) => PieceModel>> = {
  WordPiece: (component) => {
    const vocabulary = readVocabulary(component.vocab);
    const unknown = vocabulary.get(asText(component.unk_token ?? "[UNK]", "unk_token"));
    if (unknown === undefined) {
      throw new Error(
        `tokenizer: the unknown token ${show(component.unk_token)} is not in the vocabulary`,
      );
    }
    const prefix = asText(component.continuing_subword_prefix ?? "##", "continuing_subword_prefix");
    const longest = asId(component.max_input_chars_per_word ?? 100, "max_input_chars_per_word");
    return { vocabulary, unknown, cut: wordPiece({ vocabulary, unknown, prefix, longest }) };
  },
  WordLevel: (component) => {
    const vocabulary = readVocabulary(component.vocab);
    const unknown = vocabulary.get(asText(component.unk_token ?? "[UNK]", "unk_token")) ?? null;
    const fallback = unknown === null ? [] : [unknown];
    return {
      vocabulary,
      unknown,
      cut: (word) => {
        const id = vocabulary.get(word);
        return id === undefined ? fallback : [id];
      },
    };
  },
  BPE: (component) => {
    const vocabulary = readVocabulary(component.vocab);
    const merges = asList(component.merges, "merges").map(readMerge);
    for (const option of ["end_of_word_suffix", "continuing_subword_suffix"]) {
      asText(component[option] ?? "", option);
    }
    const model = bytePairs({ ...component, merges });
    const unknown = vocabulary.get(String(component.unk_token)) ?? null;
    const cut = (word: string): readonly number[] => {
      const ids: number[] = [];
      for (const piece of model([word])) {
        const id = vocabulary.get(piece) ?? unknown;
        if (id !== null) ids.push(id);
      }
      return ids;
    };
    return { vocabulary, unknown, cut };
  },
  Unigram: (component) => {
    const pieces = asList(component.vocab, "vocab of Unigram").map((entry, id) => {
      const [piece, score] = asList(entry, `entry ${id} of vocab`);
      if (typeof score !== "number") {
        throw new Error(`tokenizer: expected a score in entry ${id} of vocab, got ${show(score)}`);
      }
      return { piece: asText(piece, `entry ${id} of vocab`), score };
    });
    const vocabulary = new Map(pieces.map(({ piece }, id) => [piece, id]));
    const { unk_id: said = null } = component;
    const unknown = said === null ? null : asId(said, "unk_id");
    if (unknown !== null && unknown >= pieces.length) {
      throw new Error(`tokenizer: unk_id ${unknown} is beyond the ${pieces.length} pieces`);
    }
    const byteFallback = component.byte_fallback === true;
    return { vocabulary, unknown, cut: unigram({ pieces, vocabulary, unknown, byteFallback }) };
  },
};

/** Files of before 2021 do not say which model they hold. */
function guessType({ vocab, merges }: Component): string {
  if (Array.isArray(vocab)) return "Unigram";
  return merges === undefined ? "WordPiece" : "BPE";
}

function readVocabulary(value: unknown): ReadonlyMap<string, number> {
  const entries = Object.entries(asComponent(value, "vocab"));
  if (entries.length === 0) throw new Error("tokenizer: the vocabulary is empty");
  return new Map(entries.map(([piece, id]) => [piece, asId(id, `vocab[${show(piece)}]`)]));
}

function readMerge(value: unknown, i: number): readonly [string, string] {
  const parts = typeof value === "string" ? value.split(" ") : value;
  if (Array.isArray(parts) && parts.length === 2) return [String(parts[0]), String(parts[1])];
  throw new Error(`tokenizer: expected merge ${i} to be a pair, got ${show(value)}`);
}

/** Words come back; very long ones do not. */
function remembered(cut: PieceModel["cut"]): PieceModel["cut"] {
  const known = new Map<string, readonly number[]>();
  return (word) => {
    const found = known.get(word);
    if (found !== undefined) return found;
    const ids = cut(word);
    if (word.length <= 64) {
      if (known.size >= 100_000) known.clear();
      known.set(word, ids);
    }
    return ids;
  };
}
