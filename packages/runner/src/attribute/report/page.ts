/** @file The report as one HTML page that loads nothing and runs nothing. */

import { escapeHtml } from "../html.ts";
import { isNamed } from "../methods.ts";
import { type AttributionReport, pairName } from "./build-report.ts";
import { heatMap, lineChart } from "./charts.ts";
import type { PlausibilityRow } from "./plausibility-table.ts";

type Report = AttributionReport & {
  readonly experiment: { readonly name: string; readonly question: string | null };
  readonly plausibility: readonly PlausibilityRow[];
};

const style = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 64rem; padding: 0 1rem; color: #1a1a1a; background: #fff }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; border-top: 1px solid #ddd; padding-top: 1rem } h3 { font-size: 1rem }
table { border-collapse: collapse; margin: .5rem 0 } td, th { padding: .15rem .6rem; text-align: right; border-bottom: 1px solid #eee }
td:first-child, th:first-child { text-align: left } .wide { overflow-x: auto } svg { max-width: 100%; height: auto; display: block } p { color: #444; overflow-wrap: anywhere }
@media (max-width: 40rem) { .chart { overflow-x: auto } .chart svg { max-width: none } }
`;

export function reportPage(report: Report): string {
  const { name, question } = report.experiment;
  const { minTokens, minCount } = report.limits;
  const parts = [
    ...report.deletion.map(deletionPart),
    ...report.agreement.map(agreementPart),
    ...(report.plausibility.length > 0 ? [plausibilityPart(report.plausibility)] : []),
    ...(report.correlations.length > 0 ? [correlationPart(report.correlations)] : []),
    ...report.wordRanks.map(ranksPart),
    ...report.sigma.flatMap(sigmaPart),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(name)}</title><style>${style}</style></head><body>
<h1>${escapeHtml(name)}</h1><p>${escapeHtml(question ?? "")}</p>
<p>Tables leave out texts of fewer than ${minTokens} tokens and words with fewer than ${minCount} occurrences.</p>
${parts.join("\n")}
</body></html>
`;
}

const where = ({ dataset, model }: { readonly dataset: string; readonly model: string }): string =>
  escapeHtml(`${dataset}, ${model}`);

const number = (value: number | null | undefined, digits = 3): string =>
  value == null ? "–" : value.toFixed(digits);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) =>
    `<tr>${row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
  return `<div class="wide"><table>${cells("th", head)}${rows.map((row) => cells("td", row)).join("")}</table></div>`;
}

function deletionPart(part: Report["deletion"][number]): string {
  const shown = part.methods.filter(({ texts }) => texts > 0);
  if (shown.length === 0) return "";
  const ks = shown[0]!.points.map((_, k) => k);
  const chart = lineChart(
    "Accuracy after words are taken out",
    shown.map(({ method, points }) => ({
      name: method,
      dashed: isNamed(method, "random"),
      points,
    })),
  );
  const rows = shown.map(({ method, points }) => [method, ...points.map((p) => number(p.mean))]);
  return `<h2>Words taken out: ${where(part)}</h2>
<p>Accuracy on the ${shown[0]!.texts} texts that were classified right, after the k highest tokens are taken out. Bands: 95 % intervals over texts.</p>
<div class="chart" tabindex="0">${chart}</div>${table(["method", ...ks.map((k) => `k=${k}`)], rows)}`;
}

function agreementPart(part: Report["agreement"][number]): string {
  const find = (r: number, c: number) => {
    if (r === c) return 1;
    const [a, b] = [part.methods[Math.min(r, c)], part.methods[Math.max(r, c)]];
    return part.pairs.find((pair) => pair.a === a && pair.b === b)?.tau ?? null;
  };
  const map = heatMap({
    ...{ title: "Agreement of methods", rows: part.methods, columns: part.methods },
    ...{ value: find, most: 1 },
  });
  return `<h2>Agreement of methods: ${where(part)}</h2><p>Mean Kendall's τ over texts; special tokens do not count.</p><div class="chart" tabindex="0">${map}</div>`;
}

function correlationPart(correlations: Report["correlations"]): string {
  const methods = [...new Set(correlations.flatMap((one) => one.methods.map((m) => m.method)))];
  const rows = correlations.map((pair) => [
    pairName(pair),
    ...methods.map((name) => number(pair.methods.find(({ method }) => method === name)?.r, 2)),
  ]);
  return `<h2>Do words mean the same elsewhere?</h2><p>Pearson's r of mean word scores over shared words.</p>${table(["pair", ...methods], rows)}`;
}

function plausibilityPart(rows: readonly PlausibilityRow[]): string {
  const cells = rows.map(({ dataset, method, texts, measures }) => [
    method,
    dataset,
    String(texts),
    ...(["precision", "signs", "correlation"] as const).map((name) => {
      const m = measures[name];
      return m === null ? "–" : `${number(m.mean)} [${number(m.low, 2)}, ${number(m.high, 2)}]`;
    }),
    number(measures.chance?.mean),
  ]);
  return `<h2>Plausibility</h2><p>Against the sentiment that people gave each word: average precision of |score| at finding the words with one, share of right signs among them, Spearman's correlation. Chance is the share of words with a sentiment.</p>${table(["method", "dataset", "texts", "precision", "signs", "correlation", "chance"], cells)}`;
}

function ranksPart(part: Report["wordRanks"][number]): string {
  const show = (words: readonly (readonly [string, number])[]) =>
    words.map(([word, score]) => `${word} ${score.toFixed(3).replace(/^0/, "")}`).join(", ");
  if (part.words === 0) return "";
  return `<h2>Words: ${escapeHtml(part.method)}, ${where(part)}</h2><p>${part.words} words. <b>Highest:</b> ${escapeHtml(show(part.top))}</p><p><b>Lowest:</b> ${escapeHtml(show(part.bottom))}</p>`;
}

function sigmaPart(part: Report["sigma"][number]): readonly string[] {
  return part.texts.map(({ tokens, layers, row }) => {
    const all = layers.flatMap(({ scores }) => scores);
    const map = heatMap({
      title: "Noise that each word bears",
      rows: tokens,
      columns: layers.map(({ layer }) => `layer ${layer}`),
      value: (r, c) => layers[c]?.scores[r] ?? null,
      most: Math.max(...all),
    });
    return `<h2>Noise that words bear: ${escapeHtml(part.method)}, ${where(part)}, row ${row}</h2><p>σ of every word at every hidden state; a small σ means that the word matters.</p><div class="chart" tabindex="0">${map}</div>`;
  });
}
