/** @file Attributions as one HTML file that loads nothing and runs nothing. */

import { plainText } from "../plain-text.ts";
import { largestScore, scoreColour } from "./colours.ts";
import { type Answered, cutOf } from "./explain-texts.ts";
import { problemsOf, type Shown } from "./terminal.ts";

const style = `
body { font: 16px/1.7 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1a1a1a; background: #fff; overflow-wrap: anywhere }
section { border-top: 1px solid #ddd; padding: 1rem 0 }
h1 { font-size: 1.4rem } h2 { font-size: 1rem; margin: 0 }
.about { color: #555; margin: 0 0 .5rem }
.line { display: grid; grid-template-columns: 12rem minmax(0, 1fr); gap: 0 1rem; margin: .4rem 0 }
@media (max-width: 40rem) { .line { grid-template-columns: minmax(0, 1fr) } }
.method { color: #555; line-height: 1.3 } .line small { color: #555 } .line small.mark { color: #8a4b00; display: block }
.line bdi { display: inline-block; max-width: 100%; border-radius: 3px; padding: 0 .25rem; margin-right: .15rem; color: #111 }
.line bdi.special { color: #666 }
.key span { padding: .1rem .5rem; color: #111 }
`;

/** The whole file. Everything that came from texts, labels or vocabularies is escaped. */
export function attributionPage(
  title: string,
  groups: readonly (readonly Answered[])[],
  rows: (answer: Answered) => readonly Shown[],
): string {
  const key = [-1, -0.5, 0, 0.5, 1].map((s) => `<span style="${background(s)}">${s}</span>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${style}</style></head><body>
<h1>${escapeHtml(title)}</h1>
<p class="key">against the target ${key.join("")} for the target, as a share of the text's largest score</p>
${groups.map((group) => section(group, rows)).join("\n")}
</body></html>
`;
}

function section(
  answers: readonly Answered[],
  rows: (answer: Answered) => readonly Shown[],
): string {
  const first = answers[0]!;
  const pair = first.textPair === null ? "" : ` / ${escapeHtml(first.textPair)}`;
  const heading = `<h2>${escapeHtml(first.text)}${pair}</h2>`;
  const problems = problemsOf(answers).map(
    (problem) => `<p class="about">not explained: ${escapeHtml(problem)}</p>`,
  );
  const fine = answers.filter((answer) => answer.error === null);
  const lines = fine.map((answer) => line(answer, rows(answer)));
  const cut = cutOf(first);
  const about = fine.slice(0, 1).map(({ target, logit }) => {
    const told = `target ${escapeHtml(target)}, logit ${logit.toFixed(4)}`;
    return `<p class="about">${told}${cut === null ? "" : `, ${cut}`}</p>`;
  });
  return `<section>${heading}${[...problems, ...about, ...lines].join("")}</section>`;
}

function line(answer: Extract<Answered, { error: null }>, shown: readonly Shown[]): string {
  const specials = shown.map(({ special }) => (special ? 1 : 0));
  const most = largestScore(
    shown.map(({ score }) => score),
    specials,
  );
  const words = shown.map(({ text, score, special }) => {
    const fill = special ? "" : ` style="${background(score / most)}"`;
    const kind = special ? ' class="special"' : "";
    return `<bdi${kind}${fill} title="${score.toPrecision(4)}">${escapeHtml(text)}</bdi>`;
  });
  const { residual, marks } = answer.attribution;
  const warning = marks.map((mark) => `<small class="mark">${escapeHtml(mark)}</small>`).join("");
  const gap = residual === null ? "" : ` <small>residual ${residual.toExponential(1)}</small>`;
  const method = escapeHtml(answer.method);
  return `<div class="line"><b class="method">${method}</b><div>${words.join("")}${gap}${warning}</div></div>`;
}

const background = (share: number): string => `background:rgb(${scoreColour(share).join(",")})`;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text for HTML, in elements and in quoted attributes; control and reordering marks are dropped. */
export const escapeHtml = (text: string): string =>
  plainText(text).replaceAll(/[&<>"']/g, (character) => entities[character]!);
