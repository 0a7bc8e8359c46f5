/** @file Texts to attributions: what `probegrid attribute` prints and `inspect` averages. */

import type { Attribution, Explanation, Query, Refusal } from "@probegrid/probes";
import { ExperimentError } from "../errors.ts";
import { plural } from "../format.ts";
import { type Encoded, type Explainer, tokenTarget } from "./explainer.ts";
import { labelIndex, type Wanted } from "./target.ts";

/** One text to explain; `label` is its true class, where that is known. */
export type Asked = {
  readonly text: string;
  readonly textPair: string | null;
  readonly label: string | null;
};

/** One method's answer about one text and target. */
export type Answered = Asked & {
  readonly method: string;
  readonly target: string;
  readonly encoded: Encoded;
  /** Tokens as the vocabulary spells them. */
  readonly tokens: readonly string[];
  readonly predicted: string;
} & (
    | { readonly error: string }
    | {
        readonly error: null;
        /** Position of what was explained among the outputs. */
        readonly output: number;
        readonly logit: number;
        readonly attribution: Attribution;
      }
  );

/** How much of a text was cut off, in words; null where nothing was. */
export const cutOf = ({ encoded }: Pick<Answered, "encoded">): string | null =>
  encoded.truncated > 0 ? `${plural(encoded.truncated, "token")} cut off` : null;

/** What is wrong with an answer, in words: the method's own marks, and what was cut off. */
export function marksOf(answer: Extract<Answered, { error: null }>): readonly string[] {
  const cut = cutOf(answer);
  return cut === null ? answer.attribution.marks : [...answer.attribution.marks, cut];
}

/** Texts computed together. */
const together = 64;

type Tokenized = Asked & { readonly encoded: Encoded; readonly tokens: readonly string[] };

/** One text and one thing to explain about it, or the reason why that thing is not there. */
type Row = { readonly one: Tokenized; readonly target: Query["target"] | Refusal };

/**
 * Explains texts in order: every method's answer about the first target of the first text, and so on. A text
 * that cannot be explained is answered with the reason, and the others are explained none the less.
 */
export async function* explainTexts(
  explainer: Explainer,
  asked: readonly Asked[],
  { wanted, methods }: { readonly wanted: Wanted; readonly methods: readonly string[] },
): AsyncGenerator<readonly Answered[]> {
  requireTarget(explainer, wanted);
  for (let start = 0; start < asked.length; start += together) {
    const rows = asked.slice(start, start + together).flatMap((given): readonly Row[] => {
      const encoded = explainer.tokenizer.encode(given.text, given.textPair);
      const one = { ...given, encoded, tokens: explainer.tokenizer.tokens(encoded.ids) };
      return targetsOf(explainer, wanted, one).map((target) => ({ one, target }));
    });
    const queries = rows.flatMap(({ one, target }): readonly Query[] =>
      "error" in target ? [] : [{ example: one.encoded, target }],
    );
    const explained = (await explainer.attributor.explain(queries)).values();
    yield rows.flatMap(({ one, target }) => {
      const answer = "error" in target ? target : explained.next().value!;
      return answersOf(explainer, { one, target }, { answer, methods });
    });
  }
}

type Found = { readonly answer: Explanation | Refusal; readonly methods: readonly string[] };

/** One answer per method. */
function answersOf(
  { names }: Explainer,
  { one, target }: Row,
  { answer, methods }: Found,
): readonly Answered[] {
  if ("error" in answer) {
    const about = "output" in target ? target.output : "predicted";
    const shown = typeof about === "number" ? (names[about] ?? names[0]!) : about;
    const failed = { target: shown, predicted: "", error: answer.error };
    return methods.map((method) => ({ ...one, method, ...failed }));
  }
  const { outputs, output, value, attributions, problems } = answer;
  const shown = names.length === 1 ? names[0]! : names[output]!;
  const predicted = names.length === 1 ? shown : names[largest(outputs)]!;
  return methods.map((method): Answered => {
    const known = { ...one, method, target: shown, predicted };
    const attribution = attributions.get(method);
    return attribution === undefined
      ? { ...known, error: problems.get(method) ?? "internal: the method gave no answer" }
      : { ...known, output, error: null, logit: value, attribution };
  });
}

const largest = (outputs: Float32Array): number =>
  outputs.indexOf(outputs.reduce((a, b) => Math.max(a, b)));

/** Refuses at once what no text can have. */
function requireTarget({ names, attributor }: Explainer, wanted: Wanted): void {
  if (wanted.kind === "label") labelIndex(names, wanted.label);
  if (wanted.kind === "unit" && wanted.unit >= attributor.outputs) {
    throw new ExperimentError(
      `--target unit: expected a unit from 0 to ${attributor.outputs - 1}, got ${wanted.unit}`,
    );
  }
}

/** What is explained about one text: one target, or one per class. */
function targetsOf(
  explainer: Explainer,
  wanted: Wanted,
  one: Tokenized,
): readonly (Query["target"] | Refusal)[] {
  const { names } = explainer;
  if (isEmpty(explainer, one.encoded)) return [{ error: noWords }];
  switch (wanted.kind) {
    case "predicted":
      return [{ output: "predicted" }];
    case "all":
      return names.map((_, output) => ({ output }));
    case "true":
      return [trueTarget(names, one.label)];
    case "label":
      return [{ output: labelIndex(names, wanted.label) }];
    case "unit":
      return [{ output: wanted.unit }];
    case "norm":
      return [{ output: 0 }];
    case "token":
      return [tokenTarget(explainer, wanted.word, one.encoded)];
  }
}

const noWords = "the text has only special tokens, so there is nothing to attribute";

/** Whether nothing is left of a text but tokens that only mark where texts begin, end or are padded, typed ones too. */
function isEmpty({ tokenizer }: Explainer, { ids }: Encoded): boolean {
  const { cls, sep, pad, begin, end } = tokenizer.specialTokens;
  const marks = new Set([cls, sep, pad, begin, end]);
  return Array.from(ids).every((id) => marks.has(id));
}

function trueTarget(names: readonly string[], label: string | null): Query["target"] | Refusal {
  if (label === null) {
    throw new ExperimentError("--target true: expected texts with labels, from --data FILE");
  }
  const output = names.indexOf(label);
  if (output >= 0) return { output };
  const known = names.map((name) => JSON.stringify(name)).join(", ");
  return { error: `the model does not know its label ${JSON.stringify(label)}, only ${known}` };
}
