/** @file Words: which speak for and against a class, as a chart, as clouds and as a table. */

import { cloudText } from "@/lib/cloud-layout";
import { counted } from "@/lib/format";
import { fetchContexts } from "@/lib/queries/attribution-contexts";
import { isRandom } from "@/lib/queries/attribution-groups";
import { focusOf, isSigned } from "@/lib/queries/attribution-texts";
import {
  classesOf,
  fetchWords,
  type RankedWord,
  usualCount,
} from "@/lib/queries/attribution-words";
import { shorten } from "@/lib/shorten";
import { ChartCard } from "../chart-card";
import { ContextPart } from "./context-part";
import { DotPanels } from "./dot-panels";
import { Notice } from "./empty";
import type { Found } from "./frame";
import { Pickers } from "./pickers";
import { WordCloud } from "./word-cloud";
import { CountPicker, WordSwitches } from "./word-switches";
import { WordTable } from "./word-table";

/** Words at each end of the chart. */
const charted = 16;
const clouded = 40;

/** Everything about one class under one method. */
export function WordsPart({ store, view, group, methods }: Found) {
  const classes = classesOf(store, group);
  const label = classes.find((one) => one === view.label) ?? classes[0] ?? "";
  const trial = focusOf(store, methods, view.method);
  if (trial === undefined) return null;
  const usual = usualCount(store, { group, trial, label }, view);
  const least = Math.max(1, view.count ?? usual);
  const words = fetchWords(store, { group, trial, label, least }, view);
  const signed = isSigned(store, trial);
  const score = ({ means }: RankedWord) => means.get(trial.label)?.mean ?? 0;
  const forIt = words.filter((word) => score(word) > 0);
  const against = signed ? words.filter((word) => score(word) < 0).toReversed() : [];
  const contexts = fetchContexts(store, { trial, label });
  const keywords = [...contexts.keys()];
  const around = contexts.get(view.around ?? "") ?? contexts.get(keywords[0] ?? "");
  const unit = view.scale === "share" ? "share of the text's largest score" : "score";
  const told = `${trial.label}, texts explained towards ${label}, words with at least ${counted(least, "occurrence")}`;
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Pickers
          choices={[
            { name: "label", label: "class", value: label, values: classes },
            {
              name: "method",
              label: "ranked by",
              value: trial.label,
              values: group.methods.map((one) => one.label),
            },
          ]}
        />
        <WordSwitches />
        <CountPicker least={least} usual={usual} />
      </div>
      {words.length === 0 ? (
        <Notice title="No word is frequent enough">
          <p>
            No word occurs {counted(least, "time")} in the texts that were explained towards{" "}
            <bdi>{label}</bdi>. Lower the number of occurrences, or explain more texts.
          </p>
        </Notice>
      ) : (
        <>
          <div className={signed ? "grid gap-4 lg:grid-cols-2" : ""}>
            <Cloud
              title={`For ${cloudText(label)}`}
              side="for"
              {...{ words: forIt, score, keywords }}
            />
            {signed && (
              <Cloud
                title={`Against ${cloudText(label)}`}
                side="against"
                {...{ words: against, score, keywords }}
              />
            )}
          </div>
          {around && <ContextPart contexts={contexts} chosen={around} label={label} />}
          <ChartCard
            title="Strongest words"
            file="strongest-words"
            table={chartTable(
              [...forIt.slice(0, charted), ...against.slice(0, charted)],
              trial.label,
            )}
            caption={`Mean ${unit} over occurrences with its 95 % interval; ${told}. Occurrences of one text are not independent: take narrow intervals of frequent words with care.`}
          >
            <WordChart
              name={`Strongest words for and against ${label}`}
              forIt={forIt.slice(0, charted)}
              against={against.slice(0, charted)}
              method={trial.label}
              unit={unit}
              limits={view.scale === "share" ? [-1, 1] : undefined}
            />
          </ChartCard>
          <WordTable
            words={words}
            method={trial.label}
            methods={methods.filter((one) => one !== trial && !isRandom(one)).map((o) => o.label)}
            find={view.word}
            keywords={keywords}
            caption={`Ranks by the mean ${unit} of ${told}; the other methods' means beside it.`}
          />
        </>
      )}
    </>
  );
}

type CloudProps = {
  readonly title: string;
  readonly side: "for" | "against";
  readonly words: readonly RankedWord[];
  readonly score: (word: RankedWord) => number;
  readonly keywords: readonly string[];
};

function Cloud({ title, side, words, score, keywords }: CloudProps) {
  const shown = words
    .slice(0, clouded)
    .map((word) => ({ word: word.word, weight: Math.abs(score(word)) }));
  return (
    <ChartCard
      title={title}
      file={`cloud-${side}`}
      table={{ columns: ["word", "size"], rows: shown.map(({ word, weight }) => [word, weight]) }}
      caption={
        shown.length < words.length
          ? `The first ${shown.length} of ${counted(words.length, "word")}; area follows the mean score.`
          : `${counted(words.length, "word")}; area follows the mean score.`
      }
    >
      {shown.length === 0 ? (
        <p className="py-8 text-center text-[13px] text-soft">No frequent word speaks {side} it.</p>
      ) : (
        <WordCloud name={title} words={shown} side={side} keywords={keywords} />
      )}
    </ChartCard>
  );
}

type WordChartProps = {
  readonly name: string;
  readonly forIt: readonly RankedWord[];
  readonly against: readonly RankedWord[];
  readonly method: string;
  readonly unit: string;
  readonly limits: readonly [number, number] | undefined;
};

/** Both ends beside each other. */
function WordChart({ name, forIt, against, method, unit, limits }: WordChartProps) {
  const panels = [
    { title: "for", words: forIt, colour: "var(--line-2)" },
    { title: "against", words: against, colour: "var(--line-1)" },
  ].filter(({ words }) => words.length > 0);
  return (
    <DotPanels
      {...{ name, axis: unit, columns: 2, left: 132 }}
      wide={panels.length > 1 ? 470 : 640}
      zero
      panels={panels.map(({ title, words, colour }) => ({
        ...{ title, limits },
        rows: words.flatMap(({ word, means }) => {
          const found = means.get(method);
          if (found === undefined) return [];
          const { mean, low, high } = found;
          return [{ name: shorten(word, 17), mean, low, high, colour }];
        }),
      }))}
    />
  );
}

function chartTable(words: readonly RankedWord[], method: string) {
  return {
    columns: ["word", "mean", "low", "high", "occurrences"],
    rows: words.map(({ word, means }) => {
      const { mean = null, low = null, high = null, count = null } = means.get(method) ?? {};
      return [word, mean, low, high, count];
    }),
  };
}
