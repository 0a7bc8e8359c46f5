/** @file Writes the report of an attribution experiment: report.json, and report.html with tables and charts. */

import { join } from "node:path";
import { replaceFile } from "../../atomic-file.ts";
import type { AttributionRecord } from "../../store/index.ts";
import type { AttributeExperiment } from "../experiment.ts";
import { goldOf } from "../gold-texts.ts";
import type { AttributionGroup } from "../plan-attributions.ts";
import { buildReport, pairName } from "./build-report.ts";
import { reportPage } from "./page.ts";
import { plausibilityOf } from "./plausibility-table.ts";
import type { Series } from "./tables.ts";

/** Writes both files from what is recorded; returns lines that say where, and the deletion table. */
export function writeAttributionReport(
  experiment: AttributeExperiment,
  groups: readonly AttributionGroup[],
  read: (id: string) => readonly AttributionRecord[],
): readonly string[] {
  const series = groups.flatMap(({ dataset, checkpoint, trials }) =>
    trials.map(({ id, label }) => ({
      text: (row: number) => dataset.texts[row]!,
      labels: dataset.labels,
      dataset: dataset.name,
      model: checkpoint.name,
      method: label,
      rows: read(id),
      truth: (row: number) => dataset.labels?.[Number(dataset.targets[row])] ?? null,
    })),
  );
  if (series.length === 0) return [];
  const { name, question, minTokens, minCount, report: folder } = experiment;
  const gold = goldOf(experiment)?.texts ?? null;
  const plausibility =
    gold === null
      ? []
      : series.map((one) =>
          plausibilityOf(one, gold, { positive: one.labels?.at(-1) ?? "", text: one.text }),
        );
  const plain = series.map(({ text: _, labels: __, ...one }): Series => one);
  const report = {
    experiment: { name, question },
    ...buildReport(plain, { minTokens, minCount }),
    plausibility,
  };
  replaceFile(join(folder, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
  replaceFile(join(folder, "report.html"), reportPage(report));
  return [
    ...deletionLines(report.deletion),
    ...correlationLines(report.correlations),
    `report: ${join(folder, "report.html")}`,
  ];
}

/** Pearson's r of mean word scores, a row per pair of datasets (or of models), a column per method. */
function correlationLines(
  pairs: ReturnType<typeof buildReport>["correlations"],
): readonly string[] {
  const shown = pairs.filter(({ methods }) => methods.some(({ r }) => r !== null));
  if (shown.length === 0) return [];
  const methods = [...new Set(shown.flatMap((pair) => pair.methods.map(({ method }) => method)))];
  const names = shown.map(pairName);
  const width = Math.max(...names.map((name) => name.length));
  const cell = (pair: (typeof shown)[number], method: string): string =>
    pair.methods.find((one) => one.method === method)?.r?.toFixed(2) ?? "–";
  return [
    "",
    "Pearson's r of mean word scores over shared words",
    `${" ".repeat(width)}${methods.map((method) => `  ${method}`).join("")}`,
    ...shown.map((pair, i) => {
      const cells = methods.map((method) => `  ${cell(pair, method).padStart(method.length)}`);
      return `${names[i]!.padEnd(width)}${cells.join("")}`;
    }),
    "",
  ];
}

/** Accuracy after k words, a row per method, as the terminal shows it. */
function deletionLines(deletion: ReturnType<typeof buildReport>["deletion"]): readonly string[] {
  return deletion.flatMap(({ dataset, model, methods }) => {
    const shown = methods.filter(({ texts }) => texts > 0);
    if (shown.length === 0) return [];
    const width = Math.max(...shown.map(({ method }) => method.length));
    const ks = [0, 1, 2, 3, 5, 10];
    const head = ks.map((k) => `k=${k}`.padStart(6)).join("");
    return [
      "",
      `${dataset}, ${model}: accuracy on ${shown[0]!.texts} texts after the k highest words are taken out`,
      `${" ".repeat(width)}${head}`,
      ...shown.map(({ method, points }) => {
        const cells = ks.map((k) => (points[k]?.mean.toFixed(3) ?? "–").padStart(6));
        return `${method.padEnd(width)}${cells.join("")}`;
      }),
    ];
  });
}
