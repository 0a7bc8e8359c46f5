/** @file Texts to attributions: what `probegrid attribute` prints and `inspect` averages. */

import type { Attribution, Query } from "@probegrid/probes";
import { ExperimentError } from "../errors.ts";
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

/** Texts computed together. */
const together = 64;

/** Explains texts in order; a text that cannot be explained is answered with the reason. */
export async function* explainTexts(
  explainer: Explainer,
  asked: readonly Asked[],
  { wanted, methods }: { readonly wanted: Wanted; readonly methods: readonly string[] },
): AsyncGenerator<readonly Answered[]> {
  for (let start = 0; start < asked.length; start += together) {
    const texts = asked.slice(start, start + together).map((one) => {
      const encoded = explainer.tokenizer.encode(one.text, one.textPair);
      const tokens = explainer.tokenizer.tokens(encoded.ids);
      return { ...one, encoded, tokens };
    });
    const rows = texts.flatMap((one) =>
      targetsOf(explainer, wanted, one).map((target) => ({ one, target })),
    );
    const answers = await explainer.attributor.explain(
      rows.map(({ one, target }): Query => ({ example: one.encoded, target })),
    );
    yield rows.flatMap(({ one, target }, i): readonly Answered[] => {
      const answer = answers[i]!;
      const { names } = explainer;
      if ("error" in answer) {
        const about = typeof target.output === "number" ? names[target.output] : undefined;
        const failed = { target: about ?? "predicted", predicted: "", error: answer.error };
        return methods.map((method) => ({ ...one, method, ...failed }));
      }
      const { outputs, output, value, attributions } = answer;
      const shown = names.length === 1 ? names[0]! : names[output]!;
      const predicted = names[outputs.indexOf(outputs.reduce((a, b) => Math.max(a, b)))] ?? shown;
      return methods.map((method) => ({
        ...one,
        ...{ method, target: shown, predicted, output, error: null, logit: value },
        attribution: attributions.get(method)!,
      }));
    });
  }
}

/** What is explained about one text: one target, or one per class. */
function targetsOf(
  explainer: Explainer,
  wanted: Wanted,
  one: Asked & { readonly encoded: Encoded },
): readonly Query["target"][] {
  const { names, attributor } = explainer;
  switch (wanted.kind) {
    case "predicted":
      return [{ output: "predicted" }];
    case "all":
      return names.map((_, output) => ({ output }));
    case "true":
      if (one.label !== null) return [{ output: labelIndex(names, one.label) }];
      throw new ExperimentError("--target true: expected texts with labels, from --data FILE");
    case "label":
      return [{ output: labelIndex(names, wanted.label) }];
    case "unit":
      if (wanted.unit < attributor.outputs) return [{ output: wanted.unit }];
      throw new ExperimentError(
        `--target unit: expected a unit from 0 to ${attributor.outputs - 1}, got ${wanted.unit}`,
      );
    case "norm":
      return [{ output: 0 }];
    case "token":
      return [tokenTarget(explainer, wanted.word, one.encoded)];
  }
}
