/** @file Attributions in the terminal: the sentence coloured, then a row per token and a column per method. */

import { plainText, textWidth } from "../plain-text.ts";
import { largestScore, scoreColour } from "./colours.ts";
import { type Answered, cutOf } from "./explain-texts.ts";

type Options = {
  readonly colours: boolean;
  /** Shows word scores in place of pieces. */
  readonly rows: (answer: Answered) => readonly Shown[];
};

/** A token or word and its score. */
export type Shown = { readonly text: string; readonly score: number; readonly special: boolean };

/** Lines about one text and target: answers of every method. */
export function* answerLines(answers: readonly Answered[], options: Options): Generator<string> {
  const first = answers[0]!;
  const pair = first.textPair === null ? "" : ` / ${plainText(first.textPair)}`;
  yield `${plainText(first.text)}${pair}`;
  const fine = answers.filter((answer) => answer.error === null);
  for (const problem of problemsOf(answers)) yield `  not explained: ${problem}`;
  if (fine.length === 0) return;
  const cut = cutOf(first);
  const logit = `logit ${fine[0]!.logit.toFixed(4)}`;
  yield `  target ${plainText(first.target)}, ${logit}${cut === null ? "" : `, ${cut}`}`;
  const columns = fine.map((answer) => {
    const shown = options.rows(answer);
    const specials = shown.map(({ special }) => (special ? 1 : 0));
    const scores = shown.map(({ score }) => score);
    return { answer, shown, most: largestScore(scores, specials) };
  });
  if (options.colours) {
    for (const { answer, shown, most } of columns) {
      const words = shown
        .filter(({ special }) => !special)
        .map(({ text, score }) => paint(` ${plainText(text)} `, score / most));
      yield `  ${answer.method.padEnd(widest(fine))}  ${words.join("")}`;
    }
  }
  yield "";
  const texts = columns[0]!.shown.map(({ text }) => plainText(text));
  const width = Math.max(5, ...texts.map(textWidth));
  const titles = columns.map(({ answer }) => answer.method);
  const widths = titles.map((title) => Math.max(title.length, 9));
  yield `  ${"token".padEnd(width)}  ${titles.map((t, i) => t.padStart(widths[i]!)).join("  ")}`;
  for (const [row, text] of texts.entries()) {
    const cells = columns.map(({ shown, most }, i) => {
      const { score, special } = shown[row]!;
      const cell = signed(score, most).padStart(widths[i]!);
      return options.colours && !special ? paint(cell, score / most) : cell;
    });
    yield `  ${text}${" ".repeat(width - textWidth(text))}  ${cells.join("  ")}`;
  }
  const residuals = columns.map(({ answer }, i) => residualOf(answer).padStart(widths[i]!));
  yield `  ${"residual".padEnd(width)}  ${residuals.join("  ")}`;
  for (const { answer } of columns) {
    for (const mark of answer.attribution.marks) yield `  ${answer.method}: ${mark}`;
  }
}

/** Why a text, or some method of it, has no scores; each reason once. */
export const problemsOf = (answers: readonly Answered[]): readonly string[] => [
  ...new Set(answers.flatMap(({ error }) => (error === null ? [] : [error]))),
];

const widest = (answers: readonly Answered[]): number =>
  Math.max(...answers.map(({ method }) => method.length));

/** Four decimals, or powers of ten where a column is too large or too small for them. */
function signed(score: number, most: number): string {
  const text = most >= 1000 || most < 0.001 ? score.toExponential(2) : score.toFixed(4);
  return score > 0 ? `+${text}` : text;
}

function residualOf(answer: Answered): string {
  if (answer.error !== null || answer.attribution.residual === null) return "–";
  return answer.attribution.residual.toExponential(1);
}

/** Black on the score's colour. */
function paint(text: string, share: number): string {
  const [r, g, b] = scoreColour(share);
  return `\u001b[30;48;2;${r};${g};${b}m${text}\u001b[0m`;
}
