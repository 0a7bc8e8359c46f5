/** @file Sentences: one text under every method, and the list of texts to choose from. */

import { partPath } from "@/lib/attribution-view";
import { isRandom } from "@/lib/queries/attribution-groups";
import { fetchList, pageOf } from "@/lib/queries/attribution-list";
import { fetchRows, fetchTexts, isSigned, scoreOf, unitsOf } from "@/lib/queries/attribution-texts";
import { ChartCard } from "../chart-card";
import { largestOf } from "./colours";
import { ExampleBar } from "./example-bar";
import type { Found } from "./frame";
import { MatrixFrame } from "./matrix-frame";
import { MatrixMap } from "./matrix-map";
import type { ShownMethod, ShownUnit } from "./sentence";
import { SentenceCard } from "./sentence-card";
import { TextList } from "./text-list";
import { UnitSwitch } from "./unit-switch";

const path = partPath("sentences");

/** The text at the right, the list at the left; above each other where there is no room. */
export function SentencesPart({ store, view, group, methods }: Found) {
  const list = fetchList(store, group);
  const page = pageOf(list, view);
  const text = fetchTexts(store, group).get(page.current?.row ?? -1);
  const units = text === undefined ? [] : unitsOf(text, view.merge);
  const shown = methods.map((trial): ShownMethod => {
    const found = fetchRows(store, trial).get(text?.row ?? -1);
    const scores = found?.scores ?? null;
    return {
      label: trial.label,
      options: trial.options,
      signed: !isRandom(trial) && isSigned(store, trial),
      scores: scores === null ? null : units.map((unit) => scoreOf(unit, scores)),
      residual: found?.residual ?? null,
      marks: found?.marks ?? [],
      error: found === undefined ? "not reached yet" : found.error,
    };
  });
  const knows = {
    truth: list.some(({ right }) => right !== null),
    residual: list.some(({ residual }) => residual !== null),
  };
  const plain = units.map(({ text: word, special }): ShownUnit => ({ text: word, special }));
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[19rem_minmax(0,1fr)]">
      <div className="min-w-0 max-lg:order-2">
        <TextList page={page} view={view} path={path} knows={knows} />
      </div>
      <div className="min-w-0 space-y-4">
        {text !== undefined && (
          <>
            <ExampleBar page={page} view={view} path={path} />
            <SentenceCard
              key={`${text.row} ${view.merge}`}
              units={plain}
              methods={shown}
              target={text.target}
              numbers={view.numbers}
              row={text.row}
              controls={<UnitSwitch />}
            />
            <ScoreMap units={plain} methods={shown} row={text.row} />
          </>
        )}
      </div>
    </div>
  );
}

type MapProps = {
  readonly units: readonly ShownUnit[];
  readonly methods: readonly ShownMethod[];
  readonly row: number;
};

/** Every score of the text as a number. */
function ScoreMap({ units, methods, row }: MapProps) {
  const explained = methods.filter(({ scores }) => scores !== null);
  if (explained.length === 0) return null;
  const matrix = {
    rows: units.map(({ text }) => text),
    columns: explained.map(({ label }) => label),
    values: units.map((_, i) => explained.map(({ scores }) => scores?.[i] ?? null)),
  };
  const most = explained.map(({ scores }) =>
    largestOf((scores ?? []).filter((_, i) => units[i]?.special === false)),
  );
  return (
    <ChartCard
      title="Scores by word and method"
      file={`scores-row-${row}`}
      table={{
        columns: ["place", "token", ...matrix.columns],
        rows: matrix.values.map((line, i) => [i + 1, matrix.rows[i] ?? "", ...line]),
      }}
      caption="The same scores as numbers, in the unit of each method; colours are shares of the largest score of a column among the words."
    >
      <MatrixFrame label="Scores by word and method" matrix={matrix} unit="score">
        <MatrixMap
          name={`Scores of ${units.length} words by ${explained.length} methods`}
          matrix={matrix}
          colouring={{ kind: "signed", most }}
        />
      </MatrixFrame>
    </ChartCard>
  );
}
