/** @file `probegrid compare`: the best layer, pooling and model, and which others can not be told from them. */

import { type Correction, correctionNames, corrections } from "@probegrid/probes/statistics";
import { plural } from "../format.ts";
import { printLines } from "../print.ts";
import {
  type ComparedGroup,
  type Comparison,
  compareTrials,
  type ExperimentComparison,
  openStore,
  pairedTests,
  type TestName,
  testNames,
} from "../store/index.ts";
import { tableLines } from "../table.ts";
import { bestColumns, commonWords, testColumns } from "./compare-columns.ts";
import { defineCommand } from "./define-command.ts";
import { storeOption } from "./options.ts";

export const compareCommand = defineCommand({
  builder: (yargs) =>
    yargs
      .positional("experiment", { type: "string", demandOption: true, describe: "Its name" })
      .options({
        store: storeOption,
        metric: {
          type: "string",
          requiresArg: true,
          describe: "What to compare; accuracy or r2 when not given",
        },
        test: {
          choices: testNames,
          requiresArg: true,
          describe: "Paired test; mcnemar for accuracy, corrected-t for the rest when not given",
        },
        correction: {
          choices: Object.keys(corrections) as readonly Correction[],
          default: "holm" as Correction,
          requiresArg: true,
          describe: "How the p values of all tests are adjusted together",
        },
        alpha: {
          type: "number",
          default: 0.05,
          requiresArg: true,
          describe: "Trials with an adjusted p below it differ",
        },
        all: {
          type: "boolean",
          default: false,
          describe: "A row for every test, not only for every best",
        },
        json: { type: "boolean", default: false, describe: "Print everything as JSON" },
      })
      .check(({ alpha }) => {
        if (alpha > 0 && alpha < 1) return true;
        throw new Error(`--alpha: expected a number between 0 and 1, got ${alpha}`);
      })
      .example("$0 compare layers", "the best layers, and those as good for all one can tell")
      .example("$0 compare layers --metric macroF1 --test permutation", "another score and test")
      .example("$0 compare layers --all --correction bh", "every test, false discoveries bounded"),
  handler: async ({ store: file, experiment, all, json, ...options }) => {
    using store = openStore(file, { readonly: true });
    const comparison = compareTrials(store, experiment, {
      metric: options.metric ?? null,
      test: options.test ?? null,
      correction: options.correction,
      alpha: options.alpha,
    });
    await printLines(json ? [JSON.stringify(comparison, null, 2)] : textOf(comparison, all));
  },
});

/** The tables, below a line that says what was tested and how it was corrected. */
function* textOf(comparison: ExperimentComparison, all: boolean): Generator<string> {
  const { groups, experiment } = comparison;
  if (groups.length === 0) {
    yield `no results of ${experiment} to compare yet`;
    return;
  }
  yield* headLines(comparison);
  const common = commonWords(groups);
  for (const over of ["layers", "poolings", "models"] as const) {
    const own = groups.filter((group) => group.over === over);
    if (own.length === 0) continue;
    yield "";
    yield headings[over];
    yield* all
      ? tableLines(
          testColumns(over, common),
          own.flatMap((group) => [group.best, ...group.others].map((one) => ({ group, one }))),
        )
      : tableLines(bestColumns(over, common, own), own);
  }
}

const headings = {
  layers: "layers of each pooling",
  poolings: "poolings, each at its best layer",
  models: "models, each at its best pooling, classifier and layer",
} as const;

function* headLines({ groups, tests, correction, alpha }: Comparison): Generator<string> {
  const used = [...new Set(groups.filter(hasTests).map(({ test }) => test))];
  const names = used.map(
    (test: TestName) => `${pairedTests[test].title} over ${pairedTests[test].over}`,
  );
  yield tests === 0
    ? "nothing to test: every line has one layer, and there is one pooling and one model"
    : `${plural(tests, "test")} (${names.join("; ")}), p adjusted by ${correctionNames[correction]} over all of them, different below ${alpha}`;
  const common = commonWords(groups);
  const shared = Object.entries(common).flatMap(([name, value]) =>
    value === "" ? [] : [`${name} ${value}`],
  );
  if (shared.length > 0) yield shared.join(", ");
}

const hasTests = ({ others }: ComparedGroup) => others.some(({ p }) => p !== null);
