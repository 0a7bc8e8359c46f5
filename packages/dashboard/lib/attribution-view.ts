/** @file What a link to an attribution page says: dataset, model, target, methods, text, and how they are shown. */

import {
  createLoader,
  createSerializer,
  type inferParserType,
  parseAsArrayOf,
  parseAsBoolean,
  parseAsInteger,
  parseAsString,
  parseAsStringLiteral,
} from "nuqs/server";

/** The pages of attribution, in their order. */
export const attributionParts = [
  "sentences",
  "words",
  "faithfulness",
  "agreement",
  "layers",
] as const;
export type AttributionPart = (typeof attributionParts)[number];

/** Orders of the list of texts. */
export const textSorts = ["row", "correct", "logit", "residual", "length"] as const;
export type TextSort = (typeof textSorts)[number];

/** Which texts the list holds. */
export const textFilters = ["all", "right", "wrong", "marked", "failed"] as const;

/** Texts on a page of the list. */
export const pageSize = 12;

/** One parser per word in the query string. */
export const attributionParsers = {
  dataset: parseAsString,
  model: parseAsString,
  target: parseAsString,
  setting: parseAsString,
  /** Methods shown; empty: all. */
  methods: parseAsArrayOf(parseAsString).withDefault([]),
  /** The method that words, layers and pairs of datasets are shown of. */
  method: parseAsString,
  /** Pieces of a word joined, their scores summed. */
  merge: parseAsBoolean.withDefault(true),
  /** Scores written under the words. */
  numbers: parseAsBoolean.withDefault(false),
  /** Row of the dataset. */
  example: parseAsInteger,
  find: parseAsString.withDefault(""),
  only: parseAsStringLiteral(textFilters).withDefault("all"),
  sort: parseAsStringLiteral(textSorts).withDefault("row"),
  order: parseAsStringLiteral(["asc", "desc"]).withDefault("asc"),
  page: parseAsInteger.withDefault(1),
  /** Class whose words are shown. */
  label: parseAsString,
  scale: parseAsStringLiteral(["share", "raw"]).withDefault("share"),
  /** Occurrences a word needs. */
  count: parseAsInteger,
  word: parseAsString.withDefault(""),
  /** Keyword whose context is shown. */
  around: parseAsString,
  curve: parseAsStringLiteral(["kept", "output"]).withDefault("kept"),
  agree: parseAsStringLiteral(["tau", "spearman", "top5"]).withDefault("tau"),
  across: parseAsStringLiteral(["datasets", "models"]).withDefault("datasets"),
  use: parseAsStringLiteral(["words", "spread"]).withDefault("words"),
  /** Probing results drawn beside: "dataset / model". */
  probe: parseAsString,
} as const;

export type AttributionView = inferParserType<typeof attributionParsers>;

/** Reads a view from a page's query. */
export const loadAttributionView = createLoader(attributionParsers);
/** Writes a link to a view. */
export const attributionLink = createSerializer(attributionParsers);

/** Path of a page. */
export function partPath(part: AttributionPart): string {
  return part === "sentences" ? "/attribution" : `/attribution/${part}`;
}
